/** Sizes below which something else is faster: counts of multiplications for products and solves, the shorter side of the matrix for the others. */
export interface Sizes {
  readonly gemm: number;
  /** Products by one column, and solves for one. */
  readonly gemv: number;
  readonly solveVector: number;
  readonly solve: number;
  readonly cholesky: number;
  readonly inverse: number;
  readonly lu: number;
  readonly qr: number;
  readonly eigh: number;
  readonly svd: number;
}

/** When to call the library: eagerly, where backend-wasm has to copy, and in compiled plans, where neither does. */
export interface Thresholds {
  readonly eager: Sizes;
  readonly compiled: Sizes;
}

const decompositions = { lu: 224, qr: 20, eigh: 12, svd: 32 } as const;
/** Where a call through koffi overtakes backend-wasm and TypeScript; measured by bench/thresholds.mjs. */
export const thresholds: Thresholds = {
  eager: { gemm: 8 ** 3, gemv: 20 ** 2, solve: 28 ** 3, solveVector: 20 ** 2, cholesky: 160, inverse: 112, ...decompositions },
  compiled: { gemm: 12 ** 3, gemv: 24 ** 2, solve: 32 ** 3, solveVector: 24 ** 2, cholesky: 128, inverse: 80, ...decompositions },
};

/** Whether a product of m×k by k×n is too small. */
export function smallProduct({ gemm, gemv }: Sizes, m: number, n: number, k: number): boolean {
  return m * n * k < (m === 1 || n === 1 ? gemv : gemm);
}
/** Whether a solve with an n×n triangle and m right sides is too small. */
export function smallSolve({ solve, solveVector }: Sizes, n: number, m: number): boolean {
  return n * n * m < (m === 1 ? solveVector : solve);
}
