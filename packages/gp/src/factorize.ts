import { type Tensor, choleskyInfo, eye } from '@matheron/core-tensor';
import { type ClosestRows, FactorizationError } from './errors.ts';

/** A lower factor of A + (start + jitter)·I, and the jitter beyond `start` that it took. */
export interface Factorization { readonly factor: Tensor; readonly jitter: number }

/** What `factorize` takes beside the matrix. */
export interface FactorizeOptions {
  /** Added to the diagonal in any case, as a scalar tensor or a number. */
  start?: Tensor | number;
  /** The points behind A, for the error. */
  X?: Tensor;
}

const factor0 = { float64: 1e-9, float32: 1e-6 } as const;

/**
 * Tries A + start·I, then adds f·max(1, mean diagonal)·10^k for k = 0, 1, … up to 10³·max(1, mean diagonal); f is 1e-9, in float32 1e-6.
 * A generator that yields tensors to read and receives their values, so that it runs on synchronous and asynchronous devices alike.
 */
function* search(A: Tensor, options: FactorizeOptions): Generator<Tensor, Factorization, ArrayLike<number>> {
  const n = A.shape[0]!;
  const identity = eye(n, { ctx: A.ctx, dtype: A.dtype });
  const base = options.start === undefined ? A : A.add(identity.mul(options.start));
  let { factor, info } = choleskyInfo(base);
  let pivot = (yield info)[0]!;
  if (pivot === 0) return { factor, jitter: 0 };
  const values = yield A.detach();
  const nonFinite = countNonFinite(values, n);
  if (nonFinite.count > 0) throw new FactorizationError({ pivot, jitter: 0, shape: A.shape, nonFinite });
  let trace = 0;
  for (let i = 0; i < n; i++) trace += values[i * n + i]!;
  const scale = Math.max(1, trace / n);
  let jitter = factor0[A.dtype === 'float32' ? 'float32' : 'float64'] * scale;
  for (; jitter <= 1e3 * scale; jitter *= 10) {
    ({ factor, info } = choleskyInfo(base.add(identity.mul(jitter))));
    pivot = (yield info)[0]!;
    if (pivot === 0) return { factor, jitter };
  }
  const rows = options.X ? closestRows(yield options.X.detach(), options.X.shape[0]!, options.X.shape[1]!) : undefined;
  throw new FactorizationError({ pivot, jitter: jitter / 10, shape: A.shape, closestRows: rows });
}

/** Factorizes with the least jitter of the schedule. FactorizationError; SynchronousReadError on asynchronous devices. */
export function factorizeSync(A: Tensor, options: FactorizeOptions = {}): Factorization {
  const steps = search(A, options);
  for (let step = steps.next(); ; ) {
    if (step.done) return step.value;
    step = steps.next(step.value.detach().dataSync());
  }
}
/** factorizeSync on any device. */
export async function factorize(A: Tensor, options: FactorizeOptions = {}): Promise<Factorization> {
  const steps = search(A, options);
  for (let step = steps.next(); ; ) {
    if (step.done) return step.value;
    step = steps.next(await step.value.detach().data());
  }
}

function countNonFinite(values: ArrayLike<number>, n: number): { count: number; rows: number[] } {
  const rows = new Set<number>();
  let count = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (!Number.isFinite(values[i * n + j]!)) {
        count++;
        rows.add(i);
      }
    }
  }
  return { count, rows: [...rows] };
}

/** The two rows of X [n, d] with the least distance; of the first 3000 rows, to bound the search. */
export function closestRows(X: ArrayLike<number>, rows: number, d: number): ClosestRows | undefined {
  const n = Math.min(rows, 3000);
  let best = Infinity;
  let pair: [number, number] | undefined;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let s = 0;
      for (let k = 0; k < d && s < best; k++) s += (X[i * d + k]! - X[j * d + k]!) ** 2;
      if (s < best) {
        best = s;
        pair = [j, i];
      }
    }
  }
  return pair && { rows: pair, distance: Math.sqrt(best) };
}
