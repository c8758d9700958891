import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Names in a folder that a pattern matches, sorted; none where there is no such folder. */
export function entries(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name)).sort();
  } catch {
    return [];
  }
}

/** The folders of packages below the prefix of a Python installation or virtual environment. */
function packagesOf(prefix: string): string[] {
  if (process.platform === 'win32') return [join(prefix, 'Lib', 'site-packages')];
  // Newest Python first.
  const versions = entries(join(prefix, 'lib'), /^python3(\.\d+)?t?$/).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return versions.flatMap((version) => [join(prefix, 'lib', version, 'site-packages'), join(prefix, 'lib', version, 'dist-packages')]);
}

/** Prefixes of the Python installations that the environment names or that stand in usual places, the active one first. */
function prefixes(): string[] {
  const { env } = process, home = homedir();
  const found: string[] = [];
  if (env['VIRTUAL_ENV']) found.push(env['VIRTUAL_ENV']);
  if (env['CONDA_PREFIX']) found.push(env['CONDA_PREFIX']);
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const executable = folder && ['python3', 'python', 'python.exe'].map((name) => join(folder, name)).find((file) => existsSync(file));
    if (!executable) continue;
    // A virtual environment's python is a link out of it, so the place of the link counts too.
    for (const file of [executable, realpathSync(executable)]) found.push(process.platform === 'win32' ? dirname(file) : dirname(dirname(file)));
  }
  const pyenv = env['PYENV_ROOT'] ?? join(home, '.pyenv');
  for (const version of entries(join(pyenv, 'versions'), /^3\./).reverse()) found.push(join(pyenv, 'versions', version));
  found.push(join(home, '.local'), '/usr/local', '/usr', '/opt/homebrew');
  for (const version of entries('/Library/Frameworks/Python.framework/Versions', /^3\./).reverse()) found.push(join('/Library/Frameworks/Python.framework/Versions', version));
  if (process.platform === 'win32' && env['LOCALAPPDATA']) {
    const programs = join(env['LOCALAPPDATA'], 'Programs', 'Python');
    for (const name of entries(programs, /^Python3/).reverse()) found.push(join(programs, name));
  }
  return found;
}

/** Folders that Python packages are installed in, without starting Python: those of `PYTHONPATH` first. */
export function pythonPackageFolders(): string[] {
  const folders = (process.env['PYTHONPATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const prefix of prefixes()) folders.push(...packagesOf(prefix));
  // Debian's own packages
  folders.push('/usr/lib/python3/dist-packages');
  return [...new Set(folders)].filter((folder) => existsSync(folder)).flatMap((folder) => [folder, ...linked(folder)]);
}
/** What the `.pth` files of a folder add to Python's path. */
function linked(folder: string): string[] {
  return entries(folder, /\.pth$/).flatMap((name) => {
    try {
      return readFileSync(join(folder, name), 'utf8').split(/\r?\n/).filter((line) => /^([/\\]|[A-Za-z]:)/.test(line) && existsSync(line));
    } catch {
      return [];
    }
  });
}
