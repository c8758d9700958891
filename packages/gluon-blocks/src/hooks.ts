/** Takes a hook away; a second time does nothing. Works with `using`. */
export interface HookHandle extends Disposable {
  /** Takes the hook away. */
  detach(): void;
}

type Hook = (...args: never[]) => void;

/** The hooks of a block, in the order they were registered. A function that is registered twice is called once. */
export class Hooks {
  readonly #before = new Map<Hook, Hook>();
  readonly #after = new Map<Hook, Hook>();
  add(when: 'before' | 'after', hook: Hook): HookHandle {
    const hooks = when === 'before' ? this.#before : this.#after;
    hooks.set(hook, hook);
    const detach = (): void => void hooks.delete(hook);
    return { detach, [Symbol.dispose]: detach };
  }
  get size(): number {
    return this.#before.size + this.#after.size;
  }
  runBefore(block: unknown, inputs: readonly unknown[]): void {
    for (const hook of [...this.#before.values()]) (hook as (...args: unknown[]) => void)(block, inputs);
  }
  runAfter(block: unknown, inputs: readonly unknown[], output: unknown): void {
    for (const hook of [...this.#after.values()]) (hook as (...args: unknown[]) => void)(block, inputs, output);
  }
}
