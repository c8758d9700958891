import { type Context, Tensor, type TypedArray, asTensor, currentContext, dtypeOf, isPlainObject } from '@matheron/core-tensor';

/** A number or an array where a tensor stands. */
type TensorSource = Tensor | TypedArray | number | boolean | readonly unknown[];
/** The arguments of a call, taken apart. */
export interface Signature {
  readonly ctx: Context;
  /** Equal for calls that one trace serves. */
  readonly key: string;
  readonly tensors: readonly Tensor[];
}

const ids = new WeakMap<object, number>();
let nextId = 0;
/** A number of the object's own. */
export function idOf(x: object): number {
  let id = ids.get(x);
  if (id === undefined) ids.set(x, (id = nextId++));
  return id;
}

function isNumbers(x: unknown): boolean {
  return typeof x === 'number' || typeof x === 'boolean' || (Array.isArray(x) && x.length > 0 && x.every(isNumbers));
}
/** Whether an argument stands for a tensor: tensors and typed arrays do, in trees of tensors numbers and arrays of numbers too. */
function isSource(x: unknown, tree: boolean): x is TensorSource {
  if (typeof x === 'object') return x instanceof Tensor || (x !== null && ((ArrayBuffer.isView(x) && dtypeOf(x) !== undefined) || (tree && Array.isArray(x) && isNumbers(x))));
  return tree && (typeof x === 'number' || typeof x === 'boolean');
}

/** The text of a leaf that is no tensor. */
function staticKey(x: unknown): string {
  if (typeof x === 'string') return JSON.stringify(x);
  if ((typeof x === 'object' && x !== null) || typeof x === 'function') return `#${idOf(x)}`;
  return typeof x === 'symbol' ? `symbol ${String(x)}` : `${typeof x} ${Object.is(x, -0) ? '-0' : String(x)},`;
}
/** Adds what stands for a tensor to `sources`; returns the structure as text. */
function visit(x: unknown, tree: boolean, sources: TensorSource[]): string {
  if (isSource(x, tree)) {
    sources.push(x);
    return 'T';
  }
  if (Array.isArray(x)) {
    let key = '[';
    for (const y of x) key += visit(y, tree, sources);
    return `${key}]`;
  }
  if (isPlainObject(x)) {
    let key = '{';
    for (const name of Object.keys(x)) key += `${JSON.stringify(name)}:${visit(x[name], tree, sources)}`;
    return `${key}}`;
  }
  return staticKey(x);
}

/** Reads arguments: tensors and typed arrays are inputs, in the first `trees` arguments numbers and arrays of numbers too; other leaves are static. */
export function signatureOf(args: readonly unknown[], trees: number): Signature {
  const sources: TensorSource[] = [];
  let key = '';
  for (let k = 0; k < args.length; k++) key += visit(args[k], k < trees, sources);
  const ctx = (sources.find((x) => x instanceof Tensor) as Tensor | undefined)?.ctx ?? currentContext();
  const tensors = sources.map((x) => (x instanceof Tensor ? x : asTensor('compile', x as number, ctx)));
  for (const { shape, dtype } of tensors) {
    key += `;${dtype}`;
    for (const n of shape) key += `,${n}`;
  }
  return { ctx, key, tensors };
}

type Build = (next: readonly Tensor[]) => unknown;

/** Makes the arguments anew around other tensors, in the order in which `signatureOf` finds them. Keeps none of the present ones. */
export function rebuilderOf(args: readonly unknown[], trees: number): (tensors: readonly Tensor[]) => unknown[] {
  let count = 0;
  const builder = (x: unknown, tree: boolean): Build => {
    if (isSource(x, tree)) {
      const k = count++;
      return (next) => next[k];
    }
    if (Array.isArray(x)) {
      const parts = x.map((y) => builder(y, tree));
      return (next) => parts.map((part) => part(next));
    }
    if (isPlainObject(x)) {
      const parts = Object.keys(x).map((name) => [name, builder(x[name], tree)] as const);
      return (next) => Object.fromEntries(parts.map(([name, part]) => [name, part(next)]));
    }
    return () => x;
  };
  const builds = args.map((x, k) => builder(x, k < trees));
  return (tensors) => builds.map((build) => build(tensors));
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
