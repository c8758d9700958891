import { type MatheronWarning, onWarning } from '@matheron/core-tensor';

/** The warnings issued while `fn` runs. */
export function warningsOf(fn: () => void): MatheronWarning[] {
  const seen: MatheronWarning[] = [];
  const restore = onWarning((w) => seen.push(w));
  try {
    fn();
  } finally {
    restore();
  }
  return seen;
}
