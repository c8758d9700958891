import { type Context, Tensor, type TypedArray, asTensor, currentContext, dtypeOf, isPlainObject } from '@matheron/core-tensor';

/** A number or an array where a tensor stands. */
type TensorSource = Tensor | TypedArray | number | boolean | readonly unknown[];
/** The arguments of a call, taken apart. */
export interface Signature {
  readonly ctx: Context;
  /** Equal for calls that one trace serves. */
  readonly key: string;
  readonly tensors: readonly Tensor[];
  /** The same arguments with other tensors in place. */
  rebuild(tensors: readonly Tensor[]): unknown[];
}

const ids = new WeakMap<object, number>();
let nextId = 0;
function idOf(x: object): number {
  let id = ids.get(x);
  if (id === undefined) ids.set(x, (id = nextId++));
  return id;
}

function isNumbers(x: unknown): boolean {
  return typeof x === 'number' || typeof x === 'boolean' || (Array.isArray(x) && x.length > 0 && x.every(isNumbers));
}

type Build = (next: readonly Tensor[]) => unknown;

/** Reads arguments: tensors and typed arrays are inputs, in the first `trees` arguments numbers and arrays of numbers too; other leaves are static. */
export function signatureOf(args: readonly unknown[], trees: number): Signature {
  const sources: TensorSource[] = [];
  let key = '';
  const input = (x: TensorSource): Build => {
    const k = sources.push(x) - 1;
    key += 'T';
    return (next) => next[k];
  };
  const visit = (x: unknown, tree: boolean): Build => {
    if (x instanceof Tensor) return input(x);
    if (typeof x === 'object' && x !== null) {
      if (ArrayBuffer.isView(x) && dtypeOf(x)) return input(x as unknown as TypedArray);
      if (Array.isArray(x)) {
        if (tree && isNumbers(x)) return input(x);
        key += '[';
        const parts = x.map((y) => visit(y, tree));
        key += ']';
        return (next) => parts.map((part) => part(next));
      }
      if (isPlainObject(x)) {
        key += '{';
        const parts = Object.keys(x).map((name) => {
          key += `${JSON.stringify(name)}:`;
          return [name, visit(x[name], tree)] as const;
        });
        key += '}';
        return (next) => Object.fromEntries(parts.map(([name, part]) => [name, part(next)]));
      }
      key += `#${idOf(x)}`;
      return () => x;
    }
    if (tree && (typeof x === 'number' || typeof x === 'boolean')) return input(x);
    if (typeof x === 'function') key += `#${idOf(x)}`;
    else if (typeof x === 'string') key += JSON.stringify(x);
    else if (typeof x === 'symbol') key += `symbol ${String(x)}`;
    else key += `${typeof x} ${Object.is(x, -0) ? '-0' : String(x)},`;
    return () => x;
  };
  const builds = args.map((x, k) => visit(x, k < trees));
  const ctx = sources.find((x) => x instanceof Tensor)?.ctx ?? currentContext();
  const tensors = sources.map((x) => (x instanceof Tensor ? x : asTensor('compile', x as number, ctx)));
  for (const { shape, dtype } of tensors) key += `;${dtype}${shape.join()}`;
  return { ctx, key, tensors, rebuild: (next) => builds.map((build) => build(next)) };
}

/** The tensors among arguments, wherever they stand. */
export function tensorsIn(args: readonly unknown[], found: Tensor[] = []): Tensor[] {
  for (const x of args) {
    if (x instanceof Tensor) found.push(x);
    else if (Array.isArray(x)) tensorsIn(x, found);
    else if (isPlainObject(x)) tensorsIn(Object.values(x), found);
  }
  return found;
}
