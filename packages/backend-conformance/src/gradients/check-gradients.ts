import { GradientMismatchError, grad, jvp } from '@matheron/autograd';
import { DTypeError, type FloatDType, ShapeError, type Tensor, type TensorLike, add, asTensor, epsilonOf, full, isFloat, mul, sum, tensor } from '@matheron/core-tensor';
import { ConformanceError } from '../compare.ts';
import { indexAt, sequence } from '../reference/array.ts';
import { difference } from './difference.ts';

/** What is compared, and how closely. Defaults in float64 (float32): rtol 1e-6 (2e-2), atol 1e-8 (2e-3). */
export interface CheckOptions {
  /** 2, the default, also checks the gradient of the gradient. */
  readonly order?: 1 | 2;
  readonly modes?: readonly ('reverse' | 'forward')[];
  /** The first step of the differences, relative to max(1, |x|); they are halved until the extrapolation settles. */
  readonly step?: number;
  readonly rtol?: number;
  readonly atol?: number;
}

type F = (...x: Tensor[]) => Tensor;
/** A computation that hands out tensors and is given their values, so that a synchronous and an asynchronous driver can run it. */
export type Reading<R> = Generator<Tensor, R, ArrayLike<number>>;

/**
 * Compares gradients of `f` at `x` with central differences (Ridders' extrapolation), element by element: of reverse mode
 * (`grad`) and of forward mode (`jvp`), of f and, for order 2, of its gradient. An output that is no scalar is contracted with fixed
 * weights. Throws GradientMismatchError, with argument, index and both values, at the first that differ by more than
 * `atol + rtol · |value|`; DTypeError for arguments that are no floats. Needs a context that reads synchronously.
 */
export function checkGradients(f: (...x: Tensor[]) => Tensor, x: readonly TensorLike[], options: CheckOptions = {}): void {
  const run = gradientCheck(f, x, options);
  for (let next = run.next(undefined as never); !next.done;) next = run.next(next.value.dataSync());
}

/** `checkGradients` on any device. */
export async function checkGradientsAsync(f: (...x: Tensor[]) => Tensor, x: readonly TensorLike[], options: CheckOptions = {}): Promise<void> {
  const run = gradientCheck(f, x, options);
  for (let next = run.next(undefined as never); !next.done;) next = run.next(await next.value.data());
}

function* gradientCheck(f: F, x: readonly TensorLike[], { order = 2, ...rest }: CheckOptions): Reading<void> {
  const point = x.map((v) => asTensor('checkGradients', v));
  for (const { dtype } of point) {
    if (!isFloat(dtype)) throw new DTypeError('checkGradients', dtype, `checkGradients: an argument is ${dtype}, which has no gradient; close over it, or cast it to float64`);
  }
  yield* firstOrder(f, point, rest, '');
  if (order === 2) yield* firstOrder(directional(f, point), point, rest, ' of the gradient');
}

/** Weights for an output: neither equal nor tiny, so that no element hides behind another. */
function weights(size: number, seed: number): Float64Array {
  const next = sequence(seed + size);
  next();
  return Float64Array.from({ length: size }, () => {
    const u = next();
    return u < 0 ? u - 0.5 : u + 0.5;
  });
}

function constantLike(y: Tensor, values: Float64Array): Tensor {
  return tensor(values, { shape: y.shape, dtype: y.dtype, ctx: y.ctx });
}

/** ⟨w, f⟩ as a tensor. */
const contracted = (f: F) => (x: readonly Tensor[]): Tensor => {
  const y = f(...x);
  return sum(mul(y, constantLike(y, weights(y.size, 11))));
};

/** ⟨u, ∇⟨w, f⟩⟩, u fixed: what second order differentiates. */
function directional(f: F, point: readonly Tensor[]): F {
  const along = point.map((x, k) => weights(x.size, 101 + k));
  const gradient = grad(contracted(f) as (x: Tensor[]) => Tensor);
  return (...x) => gradient(x as never).map((g, k) => sum(mul(g, constantLike(g, along[k]!)))).reduce((a, b) => add(a, b));
}

function* firstOrder(f: F, point: readonly Tensor[], { modes = ['reverse', 'forward'], step, rtol, atol }: Omit<CheckOptions, 'order'>, what: string): Reading<void> {
  const values: Float64Array[] = [];
  for (const x of point) values.push(Float64Array.from(yield x));
  const dtypes = point.map((x) => x.dtype as FloatDType);
  const coarse = dtypes.includes('float32');
  const relative = rtol ?? (coarse ? 2e-2 : 1e-6);
  const absolute = atol ?? (coarse ? 2e-3 : 1e-8);
  const h = step ?? epsilonOf(coarse ? 'float32' : 'float64') ** (1 / 7);

  const analytic: Record<string, Float64Array[]> = {};
  if (modes.includes('reverse')) analytic['reverse'] = yield* reverse(f, point);
  for (const [k, x] of point.entries()) {
    const forward = modes.includes('forward') ? yield* forwardColumn(f, point, k) : undefined;
    for (let p = 0; p < x.size; p++) {
      const scale = Math.max(1, Math.abs(values[k]![p]!));
      const numeric = yield* difference((t) => evaluate(f, point, values, k, p, t) as never, values[k]![p]!, h * scale, coarse ? 5 : 16) as Reading<number>;
      const found: (readonly [string, number])[] = [];
      if (analytic['reverse']) found.push(['reverse', analytic['reverse'][k]![p]!]);
      if (forward) found.push(['forward', forward[p]!]);
      for (const [mode, value] of found) {
        if (Math.abs(value - numeric) <= absolute + relative * Math.max(Math.abs(value), Math.abs(numeric))) continue;
        const index = indexAt(x.shape, p);
        throw new GradientMismatchError(
          `checkGradients: ${mode} mode${what} gives ${value} for argument ${k} at [${index.join(', ')}], differences give ${numeric}; check the rule, or whether the point lies near a kink`,
          { argument: k, index, analytic: value, numeric },
        );
      }
    }
  }
}

/** ⟨w, f⟩ on the host, element `p` of argument `k` displaced to `t`. */
function* evaluate(f: F, point: readonly Tensor[], values: readonly Float64Array[], k: number, p: number, t: number): Reading<number> {
  const displaced = values[k]!.slice();
  displaced[p] = t;
  const y = f(...point.map((x, j) => (j === k ? constantLike(x, displaced) : x)));
  const w = weights(y.size, 11);
  const data = yield y;
  let s = 0;
  for (let i = 0; i < w.length; i++) s += w[i]! * data[i]!;
  return s;
}

function* reverse(f: F, point: readonly Tensor[]): Reading<Float64Array[]> {
  const gradients = grad(contracted(f) as (x: Tensor[]) => Tensor)(point as never);
  const read: Float64Array[] = [];
  for (const [k, g] of gradients.entries()) {
    const x = point[k]!;
    if (g.shape.join() !== x.shape.join() || g.shape.length !== x.shape.length) throw new ShapeError('checkGradients', `checkGradients: the gradient of argument ${k} has shape [${g.shape.join(', ')}], the argument [${x.shape.join(', ')}]`, { expected: 'the shape of the argument', actual: [g.shape, x.shape] });
    if (g.dtype !== x.dtype) throw new ConformanceError(`checkGradients: the gradient of argument ${k} is ${g.dtype}, the argument ${x.dtype}`);
    read.push(Float64Array.from(yield g));
  }
  return read;
}

/** The derivatives along every element of argument `k`, by forward mode. */
function* forwardColumn(f: F, point: readonly Tensor[], k: number): Reading<Float64Array> {
  const x = point[k]!;
  const derivatives = new Float64Array(x.size);
  const map = contracted(f) as (x: Tensor[]) => Tensor;
  for (let p = 0; p < x.size; p++) {
    const tangent = point.map((y, j) => {
      const unit = new Float64Array(y.size);
      if (j === k) unit[p] = 1;
      return j === k ? constantLike(y, unit) : full(y.shape, 0, { dtype: y.dtype, ctx: y.ctx });
    });
    derivatives[p] = (yield jvp(map, point as never, tangent as never)[1])[0]!;
  }
  return derivatives;
}

