import { CompileError, type Compiled, TracedValueError, compile } from '@matheron/compiler';
import { type Tensor, concat, triangularSolve } from '@matheron/core-tensor';
import type { Kernel, Mean } from '@matheron/gp-kernels';
import { type Parameter, withParameterData } from '@matheron/gluon-params';

/** Products of rows, rows and columns from which a compiled kernel pays for tracing a new size, which costs as much as evaluating about so many by single operations. */
const compiledFrom = 2 ** 16;
/** Elements of a block of rows: predictions at more points are made block by block, so that their memory is bounded. */
const blockElements = 2 ** 21;
/** Sizes whose plans are kept. */
const kept = 8;

/** What a state computes with, beside its blocks: their parameters at the time. */
export interface KernelValues {
  readonly kernel: Kernel;
  readonly mean: Mean;
  readonly values: ReadonlyMap<Parameter, Tensor>;
  /** Multiplies the kernel. */
  readonly scale: Tensor | undefined;
}
/** What a prediction starts from: inputs X [n, d], the factor [n, n] and L⁻¹(y − m), [n, columns]. */
export interface Observations extends KernelValues {
  readonly X: Tensor;
  readonly factor: Tensor;
  readonly whitened: Tensor;
}

type Lists = readonly [values: readonly Tensor[], scale: readonly Tensor[]];
interface Functions {
  readonly parameters: readonly Parameter[];
  /** Of two sets of points, or of one with itself, which white noise tells apart. */
  readonly covariance: Compiled<[lists: Lists, points: readonly Tensor[]], Tensor>;
  readonly moments: Compiled<[lists: Lists, data: readonly [X: Tensor, factor: Tensor, whitened: Tensor], x: Tensor], readonly [mean: Tensor, explained: Tensor]>;
  /** A kernel that reads values or waits can't be traced: it runs operation by operation. */
  refused: boolean;
}
/** The mean at a block of points and ‖L⁻¹ k‖², under the parameters that are set. */
function momentsAt({ kernel, mean, X, factor, whitened }: Pick<Observations, 'kernel' | 'mean' | 'X' | 'factor' | 'whitened'>, x: Tensor, scaled: (k: Tensor) => Tensor): readonly [Tensor, Tensor] {
  const cross = triangularSolve(factor, scaled(kernel.call(X, x)));
  return [cross.T.matmul(whitened).add(mean.call(x).reshape(-1, 1)), cross.square().sum(0)];
}

/** By kernel and mean, and freed with them: all states of a model share plans, whatever their hyperparameters. */
const byBlocks = new WeakMap<Kernel, WeakMap<Mean, Functions>>();

function functionsOf({ kernel, mean, values }: KernelValues): Functions {
  let byMean = byBlocks.get(kernel);
  if (!byMean) byBlocks.set(kernel, (byMean = new WeakMap()));
  const parameters = [...values.keys()];
  const found = byMean.get(mean);
  if (found && found.parameters.length === parameters.length && found.parameters.every((p, k) => p === parameters[k])) return found;
  const within = <T>(lists: Lists, fn: (scaled: (k: Tensor) => Tensor) => T): T =>
    withParameterData(new Map(parameters.map((p, k) => [p, lists[0][k]!])), () => fn((k) => (lists[1].length > 0 ? k.mul(lists[1][0]!) : k)));
  const functions: Functions = {
    parameters,
    covariance: compile((lists: Lists, points: readonly Tensor[]) => within(lists, (scaled) => scaled(kernel.call(points[0]!, points.at(-1)!))), { name: 'covariance', cacheSize: kept }),
    moments: compile((lists: Lists, [X, factor, whitened]: readonly [Tensor, Tensor, Tensor], x: Tensor) => within(lists, (scaled) => momentsAt({ kernel, mean, X, factor, whitened }, x, scaled)), { name: 'predict', cacheSize: kept }),
    refused: false,
  };
  byMean.set(mean, functions);
  return functions;
}

/** `compiled` where it is worth it and possible, else `plain`. */
function either<T>(of: KernelValues, elements: number, compiled: (f: Functions, lists: Lists) => T, plain: () => T): T {
  if (elements < compiledFrom) return plain();
  const functions = functionsOf(of);
  if (functions.refused) return plain();
  try {
    return compiled(functions, [[...of.values.values()], of.scale ? [of.scale] : []]);
  } catch (error) {
    if (!(error instanceof CompileError || error instanceof TracedValueError)) throw error;
    functions.refused = true;
    return plain();
  }
}

/** The scaled covariance of rows of a [n, d] and b [m, d]: [n, m]. Compiled where that is faster; runs with the values of the state. */
export function covarianceOf(of: KernelValues, a: Tensor, b: Tensor): Tensor {
  return either(of, a.shape[0]! * b.shape[0]! * a.shape[1]!, (f, lists) => f.covariance(lists, a === b ? [a] : [a, b]), () => withParameterData(of.values, () => {
    const k = of.kernel.call(a, b);
    return of.scale ? k.mul(of.scale) : k;
  }));
}

/** Latent mean [m, columns] and variance [m] at x [m, d]: m + k L⁻ᵀ L⁻¹ (y − m), k(x, x) − ‖L⁻¹ k‖². Compiled where that is faster, block by block. */
export function momentsOf(of: Observations, x: Tensor): readonly [mean: Tensor, variance: Tensor] {
  const n = of.X.shape[0]!, m = x.shape[0]!, rows = Math.max(64, Math.floor(blockElements / Math.max(1, n)));
  const scaled = (k: Tensor): Tensor => (of.scale ? k.mul(of.scale) : k);
  const block = (part: Tensor): readonly [Tensor, Tensor] =>
    either(of, n * part.shape[0]! * part.shape[1]!, (f, lists) => f.moments(lists, [of.X, of.factor, of.whitened], part), () => withParameterData(of.values, () => momentsAt(of, part, scaled)));
  // Blocks of one size but for the last, so that they share a plan.
  const parts = m <= rows ? [block(x)] : Array.from({ length: Math.ceil(m / rows) }, (_, k) => block(x.slice([k * rows, Math.min(m, (k + 1) * rows)])));
  const joined = (k: 0 | 1): Tensor => (parts.length === 1 ? parts[0]![k] : concat(parts.map((p) => p[k]), 0));
  const prior = withParameterData(of.values, () => scaled(of.kernel.diagonal(x)));
  return [joined(0), prior.sub(joined(1))];
}
