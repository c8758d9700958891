// node python.mjs: what io writes is read by Python's safetensors and NumPy, bit for bit. Needs python3 with venv; the packages go into .cache.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor } from '@matheron/core-tensor';
import { saveTensors } from '@matheron/io';

const cache = join(import.meta.dirname, '../../.cache/python-io');
const python = join(cache, 'bin', 'python');
if (!existsSync(join(cache, 'ready'))) {
  execFileSync('python3', ['-m', 'venv', cache], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'numpy==1.26.4', 'safetensors==0.4.5'], { stdio: 'inherit' });
  execFileSync('touch', [join(cache, 'ready')]);
}
setDefaultContext(cpu());
const tensors = {
  'dense0.weight': tensor([[1.5, -2, Math.PI], [Infinity, -0, 1e-310]]),
  single: tensor([1.5, 0.1], { dtype: 'float32' }),
  count: tensor([7, -8], { dtype: 'int32' }),
  flags: tensor([true, false, true]),
  scalar: tensor(4.25),
  empty: tensor([], { shape: [0, 3] }),
};
const [safe, npz] = [join(cache, 'written.safetensors'), join(cache, 'written.npz')];
await saveTensors(safe, tensors, { metadata: { name: 'net', version: '1' } });
await saveTensors(npz, tensors);
const script = `
import sys, numpy as np
from safetensors import safe_open
want = {"dense0.weight": np.array([[1.5, -2, np.pi], [np.inf, -0.0, 1e-310]]), "single": np.array([1.5, 0.1], np.float32), "count": np.array([7, -8], np.int32), "flags": np.array([True, False, True]), "scalar": np.array(4.25), "empty": np.zeros((0, 3))}
with safe_open(sys.argv[1], "np") as f:
    assert f.metadata() == {"name": "net", "version": "1"}, f.metadata()
    got = {k: f.get_tensor(k) for k in f.keys()}
for found in (got, dict(np.load(sys.argv[2]))):
    assert sorted(found) == sorted(want), sorted(found)
    for k, v in want.items():
        assert found[k].dtype == v.dtype and found[k].shape == v.shape and found[k].tobytes() == v.tobytes(), (k, found[k])
print("Python reads safetensors and npz: %d arrays each" % len(want))
`;
console.log(String(execFileSync(python, ['-c', script, safe, npz])).trim());
