import { MatheronError } from './errors.ts';
import type { NestedArray } from './nested.ts';
import { type TensorLike, asTensor } from './operands.ts';
import { Tensor } from './tensor.ts';

/** A tensor, or arrays and plain objects of them: what `grad`, `compile` and `minimize` carry. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };
/** A tree whose tensors may also be numbers, nested arrays or typed arrays. */
export type TreeLike = TensorLike | readonly TreeLike[] | { readonly [key: string]: TreeLike };
/** `A` with every tensor also as numbers or arrays. */
export type Like<A> = [Tree] extends [A] ? TreeLike : A extends Tensor ? TensorLike : { readonly [K in keyof A]: Like<A[K]> };

/** The leaves of a tree in order, and what builds the same tree around others. */
export interface FlatTree<L = Tensor> {
  readonly leaves: readonly L[];
  /** The path of each leaf, `.w[0]`; empty for a tree that is one leaf. */
  readonly paths: readonly string[];
  /** The same tree around other leaves. */
  rebuild<T>(leaves: readonly T[]): unknown;
}

/**
 * Takes a tree apart. `leaf` decides what is a leaf and converts it; anything else must be an array or a plain object, or it is a
 * TypeError (code 'tree') that names the path.
 */
export function takeApart<L>(caller: string, tree: unknown, leaf: (x: unknown) => L | undefined): FlatTree<L> {
  const leaves: L[] = [];
  const paths: string[] = [];
  const visit = (x: unknown, path: string): ((at: { k: number }, next: readonly unknown[]) => unknown) => {
    const own = leaf(x);
    if (own !== undefined) {
      leaves.push(own);
      paths.push(path);
      return (at, next) => next[at.k++];
    }
    if (Array.isArray(x)) {
      const parts = x.map((y, k) => visit(y, `${path}[${k}]`));
      return (at, next) => parts.map((part) => part(at, next));
    }
    if (isPlainObject(x)) {
      const parts = Object.keys(x).map((key) => [key, visit(x[key], `${path}.${key}`)] as const);
      return (at, next) => Object.fromEntries(parts.map(([key, part]) => [key, part(at, next)]));
    }
    throw new MatheronError('tree', `${caller}: the leaf ${path || 'at the root'} is ${describe(x)}; pass tensors (or numbers and arrays), in arrays or plain objects`);
  };
  const build = visit(tree, '');
  return { leaves, paths, rebuild: (next) => build({ k: 0 }, next) };
}

/** A tree of tensors, every number or array of numbers turned into one. An array without tensors, objects or typed arrays in it is one tensor, not a list. */
export function flattenTree(caller: string, tree: unknown): FlatTree {
  return takeApart(caller, tree, (x) => (isTensorLike(x) ? asTensor(caller, x) : undefined));
}
/** The tensors of a tree; other leaves are left out. */
export function tensorsOf(tree: unknown): Tensor[] {
  const found: Tensor[] = [];
  const visit = (x: unknown): void => {
    if (x instanceof Tensor) found.push(x);
    else if (Array.isArray(x)) x.forEach(visit);
    else if (isPlainObject(x)) Object.values(x).forEach(visit);
  };
  visit(tree);
  return found;
}
/** The same tree with `fn` applied to each tensor. */
export function mapTree<A>(caller: string, tree: A, fn: (x: Tensor) => Tensor): A {
  const flat = flattenTree(caller, tree);
  return flat.rebuild(flat.leaves.map(fn)) as A;
}

function isTensorLike(x: unknown): x is TensorLike {
  if (x instanceof Tensor || typeof x === 'number' || typeof x === 'boolean') return true;
  if (ArrayBuffer.isView(x)) return !(x instanceof DataView);
  return Array.isArray(x) && isNestedNumbers(x);
}
function isNestedNumbers(x: readonly unknown[]): x is readonly NestedArray[] {
  return x.length > 0 && x.every((y) => typeof y === 'number' || typeof y === 'boolean' || (Array.isArray(y) && isNestedNumbers(y)));
}
/** An object literal (or one without prototype): what trees are made of beside arrays. */
export function isPlainObject(x: unknown): x is Record<string, unknown> {
  if (typeof x !== 'object' || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}
function describe(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  return typeof x === 'object' ? `a ${x.constructor.name}` : `a ${typeof x}`;
}
