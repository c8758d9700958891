import {
  type Backend, type BackendTensor, DTypeError, type FlatTree, type Like, MatheronError, ShapeError, Tensor, type TensorLike, asTensor, astype, borrowTensor, broadcastTo, currentContext,
  currentFrame, currentLevel, enter, flattenTree, formatShape, isFloat, liftTo, reshape, sameShape, sizeOf, stack, storageOf, takeApart, wrapTensor, transpose,
} from '@matheron/core-tensor';
import { type Autodiff, Family } from './autodiff.ts';
import { type Seed, type Tracked, walk } from './graph.ts';
import { equal, iota, like, reshape as reshapeExact, where } from './rules/algebra.ts';

interface Variable { readonly member: Autodiff; readonly tracked: Tracked; readonly primal: Tensor }

/** A function that was run on variables of a level of its own. */
class Run<Y> {
  readonly result: Y;
  readonly #family: Family;
  readonly #variables: readonly Variable[];
  readonly #flat: FlatTree;

  constructor(caller: string, f: (...args: never) => Y, x: unknown, rest: readonly unknown[]) {
    const flat = floatTree(caller, x);
    const family = new Family();
    const inners = new Map<unknown, Backend>();
    const members = new Set<Autodiff>();
    this.#variables = flat.leaves.map((primal) => {
      const { ctx } = primal;
      let inner = inners.get(ctx);
      if (!inner) inners.set(ctx, (inner = currentLevel(flat.leaves.filter((t) => t.ctx === ctx), ctx)));
      const member = family.over(inner, ctx);
      members.add(member);
      return { member, tracked: member.variable(liftTo(primal, inner)), primal };
    });
    const args = flat.rebuild(this.#variables.map(({ member, tracked, primal }) => borrowTensor(member, tracked, primal.ctx)));
    this.#family = family;
    this.#flat = flat;
    const levels = [...currentFrame().levels, ...members];
    this.result = enter(caller, { levels }, () => (f as (...args: unknown[]) => Y)(args, ...rest));
  }
  /** A result without this level. */
  lower(x: Tensor): Tensor {
    return this.#family.lower(x);
  }
  /** The gradient of Σ ⟨output, seed⟩ for each leaf; `free` where it is asked for once. */
  pull(caller: string, pairs: readonly (readonly [output: Tensor, gradient: Tensor])[], free: boolean): Tensor[] {
    const seeds = pairs.map(([output, gradient]) => this.#family.seed(output, gradient)).filter((s): s is Seed => s !== undefined);
    const found = walk(seeds, { caller, free });
    return this.#variables.map(({ member, tracked, primal }) => found.get(tracked.step!)?.outputs[0] ?? zeros(member.inner, tracked, primal));
  }
  rebuild(leaves: readonly Tensor[]): unknown {
    return this.#flat.rebuild(leaves);
  }
  get leaves(): readonly Tensor[] {
    return this.#flat.leaves;
  }
}

function zeros(b: Backend, { shape, dtype }: BackendTensor, { ctx }: Tensor): Tensor {
  return wrapTensor(b, b.full(0, shape, dtype), ctx);
}

/** A tree of float tensors; whole numbers in arrays are floats here. */
function floatTree(caller: string, x: unknown): FlatTree {
  const flat = flattenTree(caller, x);
  flat.leaves.forEach(({ dtype }, k) => {
    if (!isFloat(dtype)) {
      const path = flat.paths[k];
      throw new DTypeError(caller, dtype, `${caller}: ${path ? `the leaf ${path}` : 'the argument'} is ${dtype}, which has no gradient; cast it to float64, or pass it beside the first argument`);
    }
  });
  return flat;
}

function outputTensor(caller: string, y: unknown): Tensor {
  if (!(y instanceof Tensor)) throw new MatheronError('tree', `${caller}: the function returned ${y === null || typeof y !== 'object' ? String(y) : `a ${y.constructor.name}`}, not a tensor`);
  if (!isFloat(y.dtype)) throw new DTypeError(caller, y.dtype, `${caller}: the function returned ${y.dtype}, which has no gradient; return a float`);
  return y;
}
function scalarOutput(caller: string, y: unknown): Tensor {
  const t = outputTensor(caller, y);
  if (t.size !== 1) {
    throw new ShapeError(caller, `${caller}: the function returned shape ${formatShape(t.shape)}; reduce it to a scalar (sum, mean), or use jacobian`, { expected: 'one element', actual: [t.shape] });
  }
  return t;
}
/** `g` as a gradient of `y`: its dtype, and its shape or one that broadcasts to it. */
function cotangent(caller: string, g: TensorLike, y: Tensor): Tensor {
  const t = astype(asTensor(caller, g, y.ctx), y.dtype);
  return sameShape(t.shape, y.shape) ? t : broadcastTo(t, y.shape);
}

/**
 * The value of a scalar function of a tensor, or of a tree of tensors, and its gradient, shaped like the argument. Only the first
 * argument is differentiated; the others pass through. With `aux`, `f` returns `[value, aux]` and the tree `aux` comes back third.
 * ShapeError unless the value has one element; DTypeError for leaves that are no floats; AsyncFunctionError for a promise.
 */
export function valueAndGrad<A extends object = Tensor, R extends unknown[] = []>(f: (x: A, ...rest: R) => Tensor): (x: Like<A>, ...rest: R) => [value: Tensor, gradient: A];
export function valueAndGrad<A extends object, R extends unknown[], X>(
  f: (x: A, ...rest: R) => readonly [Tensor, X],
  options: { aux: true },
): (x: Like<A>, ...rest: R) => [value: Tensor, gradient: A, aux: X];
export function valueAndGrad(f: (...args: never) => unknown, options?: { aux: true }): (x: never, ...rest: never[]) => unknown {
  return takesTrees(1, (x: unknown, ...rest: unknown[]) => differentiate('valueAndGrad', f, x, rest, options?.aux === true));
}

const treeArguments = new WeakMap<object, number>();
function takesTrees<F extends object>(count: number, f: F): F {
  treeArguments.set(f, count);
  return f;
}
/** How many first arguments of a function made here are trees of tensors, in which numbers and arrays stand for tensors too; 0 for other functions. */
export function treeArgumentsOf(f: object): number {
  return treeArguments.get(f) ?? 0;
}

/** The gradient alone: see `valueAndGrad`. Nested, it gives higher orders. */
export function grad<A extends object = Tensor, R extends unknown[] = []>(f: (x: A, ...rest: R) => Tensor): (x: Like<A>, ...rest: R) => A {
  return takesTrees(1, (x: Like<A>, ...rest: R) => differentiate('grad', f, x, rest, false)[1] as A);
}

function differentiate(caller: string, f: (...args: never) => unknown, x: unknown, rest: readonly unknown[], aux: boolean): [Tensor, unknown, unknown?] {
  const run = new Run(caller, f, x, rest);
  const value = scalarOutput(caller, aux ? (run.result as readonly unknown[])[0] : run.result);
  const lowered = run.lower(value);
  const gradient = run.rebuild(run.pull(caller, [[value, like(lowered, 1)]], true));
  return aux ? [lowered, gradient, lowerAll(run, (run.result as readonly unknown[])[1])] : [lowered, gradient];
}
/** Auxiliary results may hold anything; tensors among them leave the level. */
function lowerAll(run: Run<unknown>, aux: unknown): unknown {
  const keep = (x: unknown): { x: unknown } | undefined => (x instanceof Tensor ? { x: run.lower(x) } : isBranch(x) ? undefined : { x });
  const flat = takeApart('valueAndGrad', aux, keep);
  return flat.rebuild(flat.leaves.map(({ x }) => x));
}
function isBranch(x: unknown): boolean {
  if (typeof x !== 'object' || x === null) return false;
  if (Array.isArray(x)) return true;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}

/** f(x) and its pullback g ↦ gᵀ J, which may be called any number of times; g is shaped like f(x), or broadcasts to it. */
export function vjp<A extends object>(f: (x: A) => Tensor, x: Like<NoInfer<A>>): [value: Tensor, pullback: (g: TensorLike) => A] {
  const run = new Run('vjp', f, x, []);
  const y = outputTensor('vjp', run.result);
  const value = run.lower(y);
  return [value, (g) => run.rebuild(run.pull('vjp', [[y, cotangent('vjp', g, value)]], false)) as A];
}

/**
 * f as a linear map at x: v ↦ J v. The pullback u ↦ uᵀ J is linear, and the map is its pullback: forward mode without forward rules.
 */
function linearize(caller: string, f: (x: never) => Tensor, x: unknown, others: readonly Tensor[]): { value: Tensor; leaves: readonly Tensor[]; push(tangents: readonly Tensor[]): Tensor } {
  const flat = floatTree(caller, x);
  const all = [...flat.leaves, ...others];
  const ctx = all[0]?.ctx ?? currentContext();
  const family = new Family();
  const member = family.over(currentLevel(all, ctx), ctx);
  return enter(caller, { levels: [...currentFrame().levels, member] }, () => {
    const run = new Run(caller, f, flat.rebuild(flat.leaves), []);
    const y = outputTensor(caller, run.result);
    const middle = run.lower(y);
    // Ones, not zeros: rules treat a gradient of 0 beside an infinite derivative as a branch that is switched off.
    const u = member.variable(storageOf(borrowTensor(member.inner, member.inner.full(1, y.shape, y.dtype), y.ctx)));
    const pulled = run.pull(caller, [[y, borrowTensor(member, u, y.ctx)]], true);
    return {
      value: family.lower(middle),
      leaves: flat.leaves,
      push: (tangents) => {
        const seeds = pulled.map((p, k) => family.seed(p, tangents[k]!)).filter((s): s is Seed => s !== undefined);
        return walk(seeds, { caller }).get(u.step!)?.outputs[0] ?? zeros(member.inner, y, y);
      },
    };
  });
}

/** f(x) and its derivative along `tangent`, a tree like x: J v, by two reverse passes. */
export function jvp<A extends object>(f: (x: A) => Tensor, x: Like<NoInfer<A>>, tangent: Like<NoInfer<A>>): [value: Tensor, tangent: Tensor] {
  const flat = floatTree('jvp', x);
  const tangents = matching('jvp', flat, tangent);
  const { value, push } = linearize('jvp', f, flat.rebuild(flat.leaves), tangents);
  return [value, push(tangents)];
}

/** The leaves of `v`, which must be a tree like `x`. */
function matching(caller: string, x: FlatTree, v: unknown): Tensor[] {
  const flat = flattenTree(caller, v);
  if (flat.paths.join() !== x.paths.join()) {
    throw new MatheronError('tree', `${caller}: the tangent has the leaves ${flat.paths.join(', ') || '(one tensor)'}, the argument ${x.paths.join(', ') || '(one tensor)'}; pass a tree of the same form`);
  }
  return flat.leaves.map((t, k) => cotangent(caller, t, x.leaves[k]!));
}

/**
 * All derivatives of f at x: [...f.shape, ...x.shape]. One pass an element of the smaller side: of f(x) in reverse, of x forward.
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor {
  return (x) => {
    // A tensor and no tree: [] is the empty tensor here.
    const primal = floatTree('jacobian', asTensor('jacobian', x)).leaves[0]!;
    const n = primal.size;
    const probe = new Run('jacobian', f, primal, []);
    const y = outputTensor('jacobian', probe.result);
    const value = probe.lower(y);
    const m = value.size;
    const shape = [...value.shape, ...primal.shape];
    if (m === 0 || n === 0) return like(value, 0, shape);
    if (m <= n) {
      const rows = Array.from({ length: m }, (_, i) => probe.pull('jacobian', [[y, unit(value, i)]], false)[0]!);
      return reshape(stack(rows, 0), shape);
    }
    const { push } = linearize('jacobian', f, primal, []);
    const columns = Array.from({ length: n }, (_, j) => reshape(push([unit(primal, j)]), [m]));
    return reshape(transpose(stack(columns, 0)), shape);
  };
}
/** 1 at flat position i, else 0, shaped like x. */
function unit(x: Tensor, i: number): Tensor {
  const size = sizeOf(x.shape);
  const hit = equal(iota(x, size), i);
  return reshapeExact(where(hit, like(x, 1, [size]), like(x, 0, [size])), x.shape);
}

/** The second derivatives of a scalar function: [...x.shape, ...x.shape]. */
export function hessian(f: (x: Tensor) => Tensor): (x: TensorLike) => Tensor {
  return jacobian(grad(f));
}

/** The product H v of the Hessian of a scalar function of a tree with a tree like it, at twice the cost of a gradient or so. */
export function hvp<A extends object = Tensor>(f: (x: A) => Tensor): (x: Like<A>, v: Like<A>) => A {
  return takesTrees(2, (x: Like<A>, v: Like<A>) => {
    const flat = floatTree('hvp', x);
    const seeds = matching('hvp', flat, v);
    const run = new Run('hvp', (z: A) => flattenTree('hvp', grad(f)(z as unknown as Like<A>)).leaves, flat.rebuild(flat.leaves), []);
    return run.rebuild(run.pull('hvp', run.result.map((g, k) => [g, seeds[k]!] as const), true)) as A;
  });
}
