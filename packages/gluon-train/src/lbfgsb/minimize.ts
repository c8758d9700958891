import { type FlatTree, type Like, type Tensor, type TensorLike, Tensor as TensorClass, flattenTree, isFloat, sizeOf, takeApart, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { driveAsync } from './drive.ts';
import type { MinimizeOptions, MinimizeResult } from './options.ts';
import { lbfgsbSteps } from './steps.ts';

/** A function of a tree of tensors with its gradient: `compile(valueAndGrad(f))` as it stands. */
export type Objective<A extends object> = (x: A) => readonly [value: Tensor, gradient: A] | Promise<readonly [value: Tensor, gradient: A]>;
/** Lower and upper bounds of one tensor, broadcast to its shape; ±Infinity for none. */
export type Bounds = readonly [lower: TensorLike, upper: TensorLike];
/** Bounds for some of the leaves of a tree. */
export type BoundsTree<A> = A extends Tensor ? Bounds : { readonly [K in keyof A]?: BoundsTree<A[K]> };

/**
 * Minimizes a differentiable function of a tensor, or of a tree of them, by L-BFGS-B (see {@link lbfgsbSteps}). The whole tree travels to the host
 * once an evaluation; the search itself runs in float64 whatever the dtype. Resolves with the best point, in the start's tree, and the reason in words.
 */
export async function minimize<A extends object>(objective: Objective<A>, start: Like<NoInfer<A>>, options: MinimizeOptions & { bounds?: BoundsTree<NoInfer<A>> } = {}): Promise<MinimizeResult<A>> {
  const { bounds, ...rest } = options;
  const tree = flattenTree('minimize', start);
  const packing = new Packing(tree.leaves);
  const box = boundsOf(tree, packing, bounds);
  const unpack = (x: Float64Array): A => tree.rebuild(packing.unpack(x)) as A;
  const result = await driveAsync(lbfgsbSteps(await packing.pack(tree.leaves), { ...rest, ...box }), async (x) => {
    const [value, gradient] = await objective(unpack(x));
    return [await scalar(value), await packing.pack(leavesOf(gradient, tree))] as const;
  });
  return { ...result, x: unpack(result.x), gradient: unpack(result.gradient) };
}

/** The number in a loss. */
export async function scalar(value: Tensor): Promise<number> {
  if (value.size !== 1) throw new ArgumentError('objective', `a value of shape [${value.shape.join(', ')}]`, 'one number; sum or average it');
  return (await value.data())[0]!;
}

/** Tensors laid end to end in a Float64Array, and back in their shapes, dtypes and contexts. */
export class Packing {
  readonly #templates: readonly Tensor[];
  readonly #starts: readonly number[];
  readonly size: number;
  constructor(templates: readonly Tensor[]) {
    for (const t of templates) if (!isFloat(t.dtype)) throw new ArgumentError('start', `a tensor of ${t.dtype}`, 'float tensors; cast it with astype');
    this.#templates = templates;
    let at = 0;
    this.#starts = templates.map((t) => {
      const start = at;
      at += sizeOf(t.shape);
      return start;
    });
    this.size = at;
  }
  async pack(tensors: readonly Tensor[]): Promise<Float64Array> {
    const out = new Float64Array(this.size);
    for (let k = 0; k < tensors.length; k++) {
      const x = tensors[k]!;
      const expected = this.#templates[k]!.shape;
      if (sizeOf(x.shape) !== sizeOf(expected)) throw new ArgumentError('objective', `a gradient of shape [${x.shape.join(', ')}]`, `the variable's shape [${expected.join(', ')}]`);
      out.set(await x.data(), this.#starts[k]);
    }
    return out;
  }
  unpack(x: Float64Array): Tensor[] {
    return this.#templates.map(({ shape, dtype, ctx }, k) => {
      const start = this.#starts[k]!;
      return tensor(x.slice(start, start + sizeOf(shape)), { shape, dtype, ctx, copy: false });
    });
  }
  /** A value broadcast over one of the tensors, into `out`. */
  fill(out: Float64Array, k: number, value: TensorLike): void {
    const { shape } = this.#templates[k]!;
    const start = this.#starts[k]!;
    if (typeof value === 'number') out.fill(value, start, start + sizeOf(shape));
    else out.set(tensor(value, { ctx: this.#templates[k]!.ctx }).broadcastTo(shape).dataSync(), start);
  }
}

function leavesOf(gradient: unknown, tree: FlatTree): readonly Tensor[] {
  const { leaves, paths } = takeApart('minimize: the gradient', gradient, (x) => (x instanceof TensorClass ? x : undefined));
  if (paths.length !== tree.paths.length) throw new ArgumentError('objective', `a gradient with leaves ${paths.join(', ')}`, `the variables' leaves ${tree.paths.join(', ')}`);
  if (paths.every((path, k) => path === tree.paths[k])) return leaves;
  return tree.paths.map((path) => {
    const at = paths.indexOf(path);
    if (at < 0) throw new ArgumentError('objective', `a gradient with leaves ${paths.join(', ')}`, `the variables' leaves ${tree.paths.join(', ')}`);
    return leaves[at]!;
  });
}

function boundsOf(tree: FlatTree, packing: Packing, bounds: unknown): { lower?: Float64Array; upper?: Float64Array } {
  if (bounds === undefined) return {};
  const lower = new Float64Array(packing.size).fill(-Infinity);
  const upper = new Float64Array(packing.size).fill(Infinity);
  const place = (pair: unknown, path: string): void => {
    const k = tree.paths.indexOf(path);
    if (k >= 0) {
      if (!Array.isArray(pair) || pair.length !== 2) throw new ArgumentError('bounds', `what stands at ${path || 'the root'}`, 'a pair [lower, upper]');
      packing.fill(lower, k, pair[0] as TensorLike);
      packing.fill(upper, k, pair[1] as TensorLike);
      return;
    }
    if (pair === undefined) return;
    const below = tree.paths.some((p) => p.startsWith(path));
    if (!below || typeof pair !== 'object' || pair === null) throw new ArgumentError('bounds', path || 'the root', `one of the leaves ${tree.paths.join(', ')}`);
    if (Array.isArray(pair)) pair.forEach((inner: unknown, i) => void (inner === undefined || place(inner, `${path}[${i}]`)));
    else for (const [key, inner] of Object.entries(pair)) if (inner !== undefined) place(inner, `${path}.${key}`);
  };
  place(bounds, '');
  return { lower, upper };
}
