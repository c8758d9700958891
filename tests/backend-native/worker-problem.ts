import { type Context, NotPositiveDefiniteError, cholesky, choleskyInverse, matmul, tensor, withContext } from '@matheron/core-tensor';

/** What a round of work finds: the largest residuals, relative to what rounding allows (below 1 is right), and the pivot that a broken matrix fails at. */
export interface Round {
  readonly product: number;
  readonly inverse: number;
  readonly pivot: number;
}

/** Products and a Cholesky inverse of size n, and a matrix that fails at `bad`, on a context. Everything depends on n, so mixed-up operands or errors show. */
export function work(ctx: Context, n: number, bad: number): Round {
  return withContext(ctx, () => {
    const values = Float64Array.from({ length: n * n }, (_, k) => {
      const i = Math.floor(k / n), j = k % n;
      return Math.exp(-0.01 * (i - j) ** 2) + (i === j ? n / 100 : 0);
    });
    const a = tensor(values, { shape: [n, n] });
    const identity = matmul(a, choleskyInverse(cholesky(a))).dataSync();
    let inverse = 0;
    for (let k = 0; k < n * n; k++) inverse = Math.max(inverse, Math.abs(identity[k]! - (k % (n + 1) === 0 ? 1 : 0)));
    // (1 + i + j/n) · 1 summed along k: known in closed form
    const ones = tensor(new Float64Array(n * n).fill(1), { shape: [n, n] }), left = tensor(Float64Array.from({ length: n * n }, (_, k) => Math.floor(k / n) + (k % n)), { shape: [n, n] });
    const sums = matmul(left, ones).dataSync();
    let product = 0;
    for (let k = 0; k < n * n; k++) {
      const wanted = Math.floor(k / n) * n + (n * (n - 1)) / 2;
      product = Math.max(product, Math.abs(sums[k]! - wanted) / Math.max(1, wanted));
    }
    values[(bad - 1) * (n + 1)] = -1;
    let pivot = 0;
    try {
      cholesky(tensor(values, { shape: [n, n] }));
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError)) throw error;
      pivot = error.pivot;
    }
    return { product: product / (n * 2 ** -52), inverse: inverse / (100 * n * 2 ** -52), pivot };
  });
}
