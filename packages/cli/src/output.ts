import { access, constants, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@matheron/io/node';
import { CliError } from './errors.ts';

/** Makes the folder and checks, before any work is done, that files can be written there and none of an earlier run would be lost. */
export async function prepareFolder(folder: string, options: { force: boolean }): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new CliError('output', `${folder}: can't be written: ${(error as Error).message}; choose another folder with --out`, { cause: error });
  }
  if (!options.force && (await stat(join(folder, 'report.json')).catch(() => undefined))) {
    throw new CliError('output', `${folder}: holds the report of an earlier run; add --force to replace it, or choose another folder with --out`);
  }
}

/** Writes aside and renames; CliError (output) where that fails. */
export async function writeOutput(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(file, content);
  } catch (error) {
    throw outputError(file, error);
  }
}
export function outputError(file: string, error: unknown): CliError {
  return new CliError('output', `${file}: can't be written: ${(error as Error).message}`, { cause: error });
}
