import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file's bytes; `file` is a path or a file: address. */
export async function readFileBytes(file: string | URL): Promise<Uint8Array> {
  return new Uint8Array(await readFile(pathOf(file)));
}

/**
 * Writes a file under a temporary name beside it, flushes it to the disk and renames it: whoever reads sees the old file or the new one, whole.
 * Missing folders are made. On failure the temporary file is removed.
 */
export async function writeFileAtomic(file: string | URL, content: string | Uint8Array): Promise<void> {
  const path = pathOf(file);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function pathOf(file: string | URL): string {
  return file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file;
}
