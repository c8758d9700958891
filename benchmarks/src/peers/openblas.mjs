import { existsSync } from 'node:fs';
import koffi from 'koffi';

/** OpenBLAS called directly through koffi: the library that the native backend found, or that of OPENBLAS. Undefined where there is none. */
export async function openblas() {
  const path = process.env.OPENBLAS ?? (await found());
  if (!path || !existsSync(path)) return undefined;
  const library = koffi.load(path);
  for (const prefix of ['', 'scipy_']) {
    for (const suffix of ['', '64_']) {
      try {
        const int = suffix ? 'int64_t' : 'int32_t';
        const Int = suffix ? BigInt64Array : Int32Array;
        const f = (result, name, args) => library.func(`${result} ${prefix}${name}(${args})`);
        const gemm = f('void', `cblas_dgemm${suffix}`, `int o,int ta,int tb,${int} m,${int} n,${int} k,double alpha,double*a,${int} lda,double*b,${int} ldb,double beta,double*c,${int} ldc`);
        const trsm = f('void', `cblas_dtrsm${suffix}`, `int o,int s,int u,int ta,int d,${int} m,${int} n,double alpha,double*a,${int} lda,double*b,${int} ldb`);
        const potrf = f('void', `dpotrf_${suffix}`, `const char*u,${int}*n,double*a,${int}*lda,${int}*info`);
        const potri = f('void', `dpotri_${suffix}`, `const char*u,${int}*n,double*a,${int}*lda,${int}*info`);
        const threads = f('void', `openblas_set_num_threads${suffix}`, 'int n');
        threads(1);
        return { path, gemm, trsm, potrf, potri, threads, int: (v) => Int.from([suffix ? BigInt(v) : v]) };
      } catch {
        // another naming scheme
      }
    }
  }
  return undefined;
}
async function found() {
  try {
    const { findBlas } = await import('@matheron/backend-native');
    return findBlas?.().find((b) => /openblas/i.test(`${b.vendor} ${b.path}`))?.path;
  } catch {
    return undefined;
  }
}

/** Row-major operations out of place: fresh result, input copied, upper triangle zeroed, as a library has to. */
export function outOfPlace(blas, n) {
  const N = blas.int(n), info = blas.int(0);
  return {
    gemm: (a, b) => {
      const c = new Float64Array(n * n);
      blas.gemm(101, 111, 111, n, n, n, 1, a, n, b, n, 0, c, n);
      return c;
    },
    cholesky: (a) => {
      const l = a.slice();
      blas.potrf('U', N, l, N, info);
      for (let i = 0; i < n; i++) l.fill(0, i * n + i + 1, (i + 1) * n);
      return l;
    },
    triangularSolve: (l, b) => {
      const x = b.slice();
      blas.trsm(101, 141, 122, 111, 131, n, n, 1, l, n, x, n);
      return x;
    },
    choleskyInverse: (l) => {
      const x = l.slice();
      blas.potri('U', N, x, N, info);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[j * n + i] = x[i * n + j];
      return x;
    },
  };
}
