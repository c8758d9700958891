import { BackendUnavailableError } from '@matheron/core-tensor';
import { candidates, remedy, systemFolders } from './discovery/candidates.ts';
import { LibraryRefused } from './errors.ts';
import { type BlasInfo, type Library, openLibrary } from './library.ts';

/**
 * The first library that loads and passes its test: the one that is named, or else `MATHERON_BLAS`, or else macOS Accelerate, system OpenBLAS, MKL
 * and LAPACK, and OpenBLAS in Python packages. BackendUnavailableError with what was tried, and how to install one, where there is none.
 */
export function chooseLibrary(library?: string): Library {
  const tried: string[] = [];
  const all = candidates(library);
  for (const { path } of all) {
    try {
      return openLibrary(path);
    } catch (error) {
      if (!(error instanceof LibraryRefused)) throw error;
      tried.push(`${path} ${error.message}`);
    }
  }
  const source = all[0]?.source;
  if (source === 'option' || source === 'MATHERON_BLAS') {
    throw new BackendUnavailableError('native', `${source === 'option' ? 'the library' : source} ${tried[0]}`, 'name a BLAS that contains LAPACK, or leave the name out to search for one', tried);
  }
  const reason = tried.length > 0 ? `no library that was found can be used: ${tried.join('; ')}` : 'no BLAS was found on this system or in a Python package';
  throw new BackendUnavailableError('native', reason, remedy(), tried.length > 0 ? tried : systemFolders());
}

/** Every BLAS with LAPACK that loads here and passes its test, in the order of preference; the first is what `native()` takes. */
export function findBlas(): BlasInfo[] {
  return candidates().flatMap(({ path }) => {
    try {
      return [openLibrary(path).info];
    } catch (error) {
      if (error instanceof LibraryRefused || error instanceof BackendUnavailableError) return [];
      throw error;
    }
  });
}
