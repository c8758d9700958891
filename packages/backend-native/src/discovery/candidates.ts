import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { entries, pythonPackageFolders } from './python.ts';

/** Where a library may be, and what says so. */
export interface Candidate {
  readonly path: string;
  readonly source: 'option' | 'MATHERON_BLAS' | 'system' | 'python';
}

const { platform, arch, env } = process;
const dynamic = platform === 'win32' ? String.raw`\.dll` : platform === 'darwin' ? String.raw`(\.\d+)*\.dylib` : String.raw`\.so(\.\d+)*`;
const accelerate = '/System/Library/Frameworks/Accelerate.framework/Accelerate';

/** Families of libraries, the fastest first. Names that tell of 64-bit integers come after those that don't. */
const families: readonly RegExp[] = [
  new RegExp(`^(lib)?openblas(?!.*64)[\\w.-]*?${dynamic}$`, 'i'),
  new RegExp(`^(lib)?openblas.*64[\\w.-]*?${dynamic}$`, 'i'),
  new RegExp(`^(lib)?mkl_rt${platform === 'win32' ? String.raw`(\.\d+)?` : ''}${dynamic}$`, 'i'),
  new RegExp(`^(lib)?lapack${dynamic}$`, 'i'),
  new RegExp(`^(lib)?lapack64_?${dynamic}$`, 'i'),
];

/** The folders that the system's loader and the usual package managers use. */
export function systemFolders(): string[] {
  const list = (name: string): string[] => (env[name] ?? '').split(delimiter).filter((folder) => folder !== '');
  const conda = env['CONDA_PREFIX'], mkl = env['MKLROOT'], venv = env['VIRTUAL_ENV'];
  if (platform === 'win32') return [...new Set([...(conda ? [join(conda, 'Library', 'bin')] : []), ...(mkl ? [join(mkl, 'bin')] : []), ...list('PATH')])];
  const folders = platform === 'darwin'
    ? [...list('DYLD_LIBRARY_PATH'), '/opt/homebrew/opt/openblas/lib', '/usr/local/opt/openblas/lib', '/opt/local/lib', '/opt/homebrew/lib', '/usr/local/lib']
    : [...list('LD_LIBRARY_PATH'), ...loaderFolders(), ...triplets().flatMap((name) => [`/usr/local/lib/${name}`, `/lib/${name}`, `/usr/lib/${name}`]), '/usr/local/lib', '/usr/lib64', '/lib64', '/usr/lib', '/lib'];
  // MKL's wheel stands beside, not among, the packages
  for (const prefix of [conda, venv]) if (prefix) folders.push(join(prefix, 'lib'));
  folders.push(...[mkl, '/opt/intel/oneapi/mkl/latest'].filter((root) => root !== undefined).flatMap((root) => [join(root, 'lib'), join(root, 'lib', 'intel64')]));
  return [...new Set(folders)];
}
/** As Debian names its folders. */
function triplets(): string[] {
  const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ppc64: 'powerpc64le', s390x: 's390x', riscv64: 'riscv64', loong64: 'loongarch64' };
  const processor = processors[arch];
  return processor ? [`${processor}-linux-gnu`] : [];
}
/** What /etc/ld.so.conf.d adds. */
function loaderFolders(): string[] {
  return entries('/etc/ld.so.conf.d', /\.conf$/).flatMap((name) => {
    try {
      return readFileSync(join('/etc/ld.so.conf.d', name), 'utf8').split('\n').map((line) => line.trim()).filter((line) => line.startsWith('/'));
    } catch {
      return [];
    }
  });
}

/** Libraries in Python packages: OpenBLAS as a wheel of its own, then the one inside NumPy's and SciPy's. */
function inPython(): string[] {
  const folders = pythonPackageFolders();
  const any = new RegExp(`openblas.*?${dynamic}$`, 'i');
  const inside = (...path: string[]): string[] => folders.flatMap((folder) => entries(join(folder, ...path), any).map((name) => join(folder, ...path, name)));
  const wheels = ['scipy_openblas32', 'scipy_openblas64'].flatMap((name) => inside(name, 'lib'));
  const bundled = ['scipy.libs', 'numpy.libs'].flatMap((name) => inside(name)).concat(['scipy', 'numpy'].flatMap((name) => inside(name, '.dylibs')));
  return [...wheels, ...bundled];
}

/** Every file that may be a BLAS with LAPACK, in the order in which they are tried: macOS Accelerate, system libraries, Python wheels. */
export function installedCandidates(): Candidate[] {
  const folders = systemFolders().filter((folder) => existsSync(folder));
  const system = families.flatMap((family) => folders.flatMap((folder) => entries(folder, family).map((name) => join(folder, name))));
  if (platform === 'darwin') system.unshift(accelerate);
  const seen = new Set<string>();
  const fresh = (path: string): boolean => {
    const real = existsSync(path) ? realpathSync(path) : path;
    return seen.has(real) ? false : (seen.add(real), true);
  };
  return [...system.map((path): Candidate => ({ path, source: 'system' })), ...inPython().map((path): Candidate => ({ path, source: 'python' }))].filter(({ path }) => fresh(path));
}

/** What is tried: a library that is named, by the caller or by `MATHERON_BLAS`, and nothing else; or what is installed. */
export function candidates(library?: string): Candidate[] {
  if (library !== undefined) return [{ path: library, source: 'option' }];
  const named = process.env['MATHERON_BLAS'];
  return named ? [{ path: named, source: 'MATHERON_BLAS' }] : installedCandidates();
}

/** Whether the system's loader finds a library that is no file: on macOS those of the system are only in its cache. */
export function loadedByName(path: string): boolean {
  return platform === 'darwin' ? path.startsWith('/System/') || path.startsWith('/usr/lib/') : !/[/\\]/.test(path);
}

/** How to install a BLAS on this system. */
export function remedy(): string {
  const wheel = 'pip install scipy-openblas32';
  const name = 'name a library in MATHERON_BLAS';
  if (platform !== 'linux') return `${wheel}, or ${name}; wasm() of @matheron/backend-wasm needs nothing`;
  const commands: Readonly<Record<string, string>> = {
    debian: 'apt-get install libopenblas0', ubuntu: 'apt-get install libopenblas0', fedora: 'dnf install openblas', rhel: 'dnf install openblas', centos: 'dnf install openblas',
    alpine: 'apk add openblas', arch: 'pacman -S openblas', suse: 'zypper install libopenblas_pthreads0', opensuse: 'zypper install libopenblas_pthreads0',
  };
  let command: string | undefined;
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)/gm)].flatMap(([, value]) => value!.split(/[\s-]+/));
    command = ids.map((id) => commands[id]).find((c) => c !== undefined);
  } catch {
    // a system without the file: the wheel is named
  }
  return `${command === undefined ? '' : `${command}, or `}${wheel}, or ${name}; wasm() of @matheron/backend-wasm needs nothing`;
}
