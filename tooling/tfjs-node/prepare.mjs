// node tooling/tfjs-node/prepare.mjs [folder]: gives the @tensorflow/tfjs-node that `folder` resolves a working native binding, by
// package registries alone. Does nothing where there is one. README.md says how.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Any tensorflow-cpu from 2.12 on has the C library that the binding links with. */
const TENSORFLOW = process.env['TFJS_NODE_TF_VERSION'] ?? '2.15.1';
const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, '../../packages/backend-tfjs'));

/** @type {(message: string) => void} */
const say = (message) => console.log(`tfjs-node: ${message}`);
/** @type {(message: string) => never} */
const fail = (message) => {
  console.error(`tfjs-node: ${message}`);
  process.exit(1);
};
/** @type {(command: string, args: string[]) => void} */
const run = (command, args) => void execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

/** @type {() => string} */
const locate = () => {
  try {
    return realpathSync(dirname(createRequire(join(folder, 'x.js')).resolve('@tensorflow/tfjs-node/package.json')));
  } catch {
    return fail(`@tensorflow/tfjs-node is not installed in ${folder}`);
  }
};
const target = locate();
const { version } = /** @type {{ version: string }} */ (JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')));

/** Loads the binding in a process of its own and multiplies: a binding for another machine crashes rather than throws. */
const probe = () => {
  const script = `const u = require('util'); u.isNullOrUndefined ??= (v) => v == null; u.isArray ??= Array.isArray;
    const tf = require(${JSON.stringify(target)}); const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0];
    if (product !== 11) throw new Error('1·3 + 2·4 came out as ' + product); console.log(tf.backend().binding.TF_Version);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } });
  return { works: status === 0, tensorflow: stdout.trim().split('\n').at(-1), stderr };
};

/** The C library and its headers, out of the wheel, in the cache. */
const unpackTensorFlow = (/** @type {string} */ cache, /** @type {string} */ arch) => {
  if (existsSync(join(cache, '.complete'))) return;
  const partial = `${cache}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  say(`fetching tensorflow-cpu ${TENSORFLOW} (about 200 MB)`);
  const platforms = ['manylinux2014', 'manylinux_2_17', 'manylinux_2_27'].flatMap((tag) => ['--platform', `${tag}_${arch}`]);
  run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--python-version', '3.11', '--implementation', 'cp', ...platforms, '--dest', partial, `tensorflow-cpu==${TENSORFLOW}`]);
  run('python3', ['-c', String.raw`
import glob, re, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
wanted = re.compile(r'tensorflow/(libtensorflow_(cc|framework)\.so\.2|include/(tensorflow/(c|tsl/c|core/platform|tsl/platform)|tsl/(c|platform)|xla/tsl/(c|platform))/.*\.h)$|.*dist-info/.*(LICENSE|NOTICE)')
wheel.extractall(sys.argv[1], [name for name in wheel.namelist() if wanted.search(name)])`, partial]);
  for (const file of readdirSync(partial)) if (file.endsWith('.whl')) rmSync(join(partial, file));
  writeFileSync(join(partial, '.complete'), '');
  rmSync(cache, { recursive: true, force: true });
  renameSync(partial, cache);
};

/** node_api.h: beside this Node, of the system, or from a package. */
const findHeaders = () => {
  const packaged = () => {
    try {
      return /** @type {{ include_dir: string }} */ (createRequire(import.meta.url)('node-api-headers')).include_dir;
    } catch {
      return '';
    }
  };
  return [join(dirname(realpathSync(process.execPath)), '..', 'include', 'node'), '/usr/include/node', packaged()].find((path) => path && existsSync(join(path, 'node_api.h')))
    ?? fail('node_api.h was not found; install the headers of Node, or the package node-api-headers');
};

const compileBinding = (/** @type {string} */ cache) => {
  const out = join(cache, `binding-${version}`);
  const file = join(out, 'tfjs_binding.node');
  if (existsSync(file)) return out;
  mkdirSync(out, { recursive: true });
  const library = join(cache, 'tensorflow');
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(target, 'binding', name));
  run(process.env['CXX'] ?? 'g++', ['-shared', '-fPIC', '-O2', '-std=c++17', '-w', '-DNAPI_VERSION=8', '-I', findHeaders(), '-I', join(library, 'include'), ...sources, '-L', library, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${library}`, '-o', `${file}.${process.pid}`]);
  renameSync(`${file}.${process.pid}`, file);
  return out;
};

const before = probe();
if (before.works) {
  say(`${version} works with TensorFlow ${before.tensorflow}`);
  process.exit(0);
}
/** @type {Readonly<Record<string, string>>} */
const architectures = { x64: 'x86_64', arm64: 'aarch64' };
const arch = process.platform === 'linux' ? architectures[process.arch] : undefined;
if (!arch) fail(`no way is known for ${process.platform} on ${process.arch}; run the package's own install script: npm rebuild @tensorflow/tfjs-node`);
const cache = join(process.env['TFJS_NODE_CACHE'] ?? join(homedir(), '.cache', 'tfjs-node'), `tensorflow-${TENSORFLOW}-${arch}`);
unpackTensorFlow(cache, arch);
const built = compileBinding(cache);
const link = join(target, 'lib', 'napi-v8');
rmSync(link, { recursive: true, force: true });
mkdirSync(dirname(link), { recursive: true });
symlinkSync(built, link);
const after = probe();
if (!after.works) fail(`the binding was built but does not load\n${after.stderr}`);
say(`${version} works with TensorFlow ${after.tensorflow}`);
