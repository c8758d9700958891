import { GluonError } from './errors.ts';

/** Refuses metadata that the formats can't hold: they map strings to strings. */
export function checkMetadata(format: string, metadata: Readonly<Record<string, unknown>> | undefined): void {
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (typeof value !== 'string') throw new GluonError('argument', `${format}: metadata '${key}' is ${value === null ? 'null' : `of type ${typeof value}`}, not a string; use String(…) or JSON.stringify`);
  }
}
