/** Something that works but that the user should know. */
export interface MatheronWarning {
  readonly code: string;
  readonly message: string;
}

const toConsole = (warning: MatheronWarning): void => console.warn(`matheron: ${warning.message}`);
let handler: (warning: MatheronWarning) => void = toConsole;

/** Replaces what warnings do (by default they go to `console.warn`); returns what restores it. */
export function onWarning(next: (warning: MatheronWarning) => void): () => void {
  const before = handler;
  handler = next;
  return () => {
    handler = before;
  };
}

/** Issues a warning. */
export function warn(code: string, message: string): void {
  handler({ code, message });
}
