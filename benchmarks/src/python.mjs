import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const script = new URL('../python/gp_peers.py', import.meta.url).pathname;
/** Pinned environments, one a library. */
const environments = {
  numpy: ['numpy==1.26.4', 'scipy==1.11.4'],
  jax: ['jax==0.4.38', 'numpy==1.26.4', 'scipy==1.11.4'],
  gpytorch: ['torch==2.5.1', 'gpytorch==1.13', 'numpy==1.26.4', 'scipy==1.11.4'],
  sklearn: ['scikit-learn==1.4.2', 'numpy==1.26.4', 'scipy==1.11.4'],
  'syne-tune': ['syne-tune==0.14.2', 'autograd==1.7.0', 'numpy==1.26.4', 'scipy==1.11.4'],
};
export const pythonPeers = Object.keys(environments);

/** Runs the peers in Python, one thread each, in environments kept in a cache: name → their figures. What is downloaded is said first. */
export function runPython(names, { sizes, fits, say, threads = 1 }) {
  const cache = process.env.MATHERON_BENCH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'matheron-bench');
  mkdirSync(cache, { recursive: true });
  const out = new Map();
  for (const name of names) {
    const folder = join(cache, name), python = join(folder, 'bin', 'python');
    try {
      if (!existsSync(join(folder, 'ready'))) {
        say(`${name}: installing ${environments[name].join(', ')} into ${folder}`);
        execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
        execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...environments[name]], { stdio: ['ignore', 'ignore', 'inherit'] });
        execFileSync('touch', [join(folder, 'ready')]);
      }
      say(`${name}: measuring`);
      const file = join(folder, 'figures.json');
      execFileSync(python, [script, name === 'syne-tune' ? 'syne' : name, file], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NS: sizes.join(','), FITS: fits.join(','), PRED: '1', OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}`, XLA_FLAGS: `--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=${threads}` },
      });
      out.set(name, JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      say(`${name} is left out: ${error.message.split('\n')[0]}`);
    }
  }
  return out;
}
