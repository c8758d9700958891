// node bench/openblas.mjs [sizes]: ratios of this backend to OpenBLAS with one thread, taken in one process from dist.
//   OPENBLAS       the library, for example libscipy_openblas.so of the PyPI wheel scipy-openblas32
//   OPENBLAS_PREFIX its symbols' prefix (scipy_ there)
//   KOFFI_FROM     a folder whose node_modules has koffi
// Eager: a fresh result, input copied, upper triangle zeroed, on both sides. In place: kernels on their own memory, OpenBLAS on the same.
import { createRequire } from 'node:module';
import { WasmBackend } from '../dist/index.js';
import { canRun, instantiateCore } from '../dist/internal.js';

const koffi = createRequire(`${process.env.KOFFI_FROM ?? process.cwd()}/x.js`)('koffi');
const prefix = process.env.OPENBLAS_PREFIX ?? 'scipy_', library = koffi.load(process.env.OPENBLAS);
const gemm = library.func(`void ${prefix}cblas_dgemm(int o,int ta,int tb,int m,int n,int k,double alpha,double*a,int lda,double*b,int ldb,double beta,double*c,int ldc)`);
const trsm = library.func(`void ${prefix}cblas_dtrsm(int o,int s,int u,int ta,int d,int m,int n,double alpha,double*a,int lda,double*b,int ldb)`);
const potrf = library.func(`void ${prefix}dpotrf_(const char*u,int32_t*n,double*a,int32_t*lda,int32_t*info)`);
const potri = library.func(`void ${prefix}dpotri_(const char*u,int32_t*n,double*a,int32_t*lda,int32_t*info)`);
library.func(`void ${prefix}openblas_set_num_threads(int n)`)(1);

const random = (n) => Float64Array.from({ length: n }, () => Math.random() - 0.5);
const kernelMatrix = (n) => {
  const x = random(2 * n).map((v) => 4 * v);
  return Float64Array.from({ length: n * n }, (_, k) => {
    const i = Math.floor(k / n), j = k % n;
    return Math.exp(-0.5 * ((x[i] - x[j]) ** 2 + (x[n + i] - x[n + j]) ** 2)) + (i === j ? 0.1 : 0);
  });
};
/** Best time of each job in ms, the jobs taking turns. */
function race(jobs, budget = 600) {
  const best = jobs.map(() => Infinity), inner = jobs.map((f) => {
    let n = 1;
    for (;;) {
      const t = performance.now();
      for (let i = 0; i < n; i++) f();
      const d = performance.now() - t;
      if (d > 0.3) return n;
      n *= 4;
    }
  });
  const stop = performance.now() + budget;
  do {
    jobs.forEach((f, k) => {
      const t = performance.now();
      for (let i = 0; i < inner[k]; i++) f();
      best[k] = Math.min(best[k], (performance.now() - t) / inner[k]);
    });
  } while (performance.now() < stop);
  return best;
}

const sizes = (process.argv[2] ?? '64,256,512,1000,2000').split(',').map(Number);
const builds = ['simd', 'relaxed'].filter(canRun);
console.log(process.version, builds.join(' '));
for (const n of sizes) {
  const a = random(n * n), b = random(n * n), spd = kernelMatrix(n), N = Int32Array.of(n), info = new Int32Array(1);
  const blasGemm = () => gemm(101, 111, 111, n, n, n, 1, a, n, b, n, 0, new Float64Array(n * n), n);
  const zeroUpper = (l) => { for (let i = 0; i < n; i++) l.fill(0, i * n + i + 1, i * n + n); };
  const blasCholesky = () => { const l = spd.slice(); potrf('U', N, l, N, info); zeroUpper(l); return l; };
  const l = blasCholesky();
  const blasSolve = () => trsm(101, 141, 122, 111, 131, n, n, 1, l, n, b.slice(), n);
  const blasInverse = () => { const x = l.slice(); potri('U', N, x, N, info); for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[j * n + i] = x[i * n + j]; };
  const backends = builds.map((build) => new WasmBackend({ build })), first = backends[0];
  const A = first.upload(a, [n, n], 'float64'), B = first.upload(b, [n, n], 'float64'), S = first.upload(spd, [n, n], 'float64'), L = first.upload(l, [n, n], 'float64');
  const eager = {
    gemm: [blasGemm, ...backends.map((w) => () => w.matmul(A, B))],
    cholesky: [blasCholesky, ...backends.map((w) => () => w.cholesky(S))],
    solve: [blasSolve, ...backends.map((w) => () => w.triangularSolve(L, B, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }))],
    inverse: [blasInverse, ...backends.map((w) => () => w.choleskyInverse(L))],
  };
  const flops = { gemm: 2 * n ** 3, cholesky: n ** 3 / 3, solve: n ** 3, inverse: (2 * n ** 3) / 3 };
  for (const [name, jobs] of Object.entries(eager)) report('eager', name, race(jobs));
  const memory = new WebAssembly.Memory({ initial: Math.ceil((32 * n * n + 2 ** 22) / 65536) }), bytes = 8 * n * n, at = (k) => 2 ** 22 + k * bytes;
  const view = (k) => new Float64Array(memory.buffer, at(k), n * n), [va, vb, vc] = [view(0), view(1), view(2)];
  va.set(a);
  vb.set(b);
  const kernels = builds.map((build) => instantiateCore(memory, build));
  report('in place', 'gemm', race([() => gemm(101, 111, 111, n, n, n, 1, va, n, vb, n, 1, vc, n), ...kernels.map((w) => () => w.gemm(n, n, n, 1, at(0), n, 1, at(1), n, 1, at(2), n, 1, 0, 1024))]));
  report('in place', 'cholesky', race([() => { vc.set(spd); potrf('U', N, vc, N, info); }, ...kernels.map((w) => () => { vc.set(spd); w.potrf(n, at(2), n, 1024); })]));
  vc.set(l);
  report('in place', 'solve', race([() => { vb.set(b); trsm(101, 141, 122, 111, 131, n, n, 1, vc, n, vb, n); }, ...kernels.map((w) => () => { vb.set(b); w.trsm(0, 0, n, n, at(2), n, 1, at(1), n, 1, 1024); })]));
  report('in place', 'inverse', race([() => { vc.set(l); potri('U', N, vc, N, info); }, ...kernels.map((w) => () => { vc.set(l); w.potri(n, at(2), n, 1024); })]));
  function report(mode, name, [blas, ...ours]) {
    const rate = (ms) => (flops[name] / ms / 1e6).toFixed(1);
    console.log(`${mode} ${name} n=${n}: OpenBLAS ${blas.toFixed(4)} ms (${rate(blas)} GFLOP/s)${builds.map((build, k) => `, ${build} ${ours[k].toFixed(4)} ms (${rate(ours[k])}), ratio ${(blas / ours[k]).toFixed(2)}`).join('')}`);
  }
}
{
  const n = 1_000_000, x = Float64Array.from({ length: n }, (_, k) => -30 + (60 * k) / n), host = (f) => () => { const y = new Float64Array(n); for (let i = 0; i < n; i++) y[i] = f(x[i]); };
  const cases = { exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p, tanh: Math.tanh, sin: Math.sin, cos: Math.cos };
  for (const [op, f] of Object.entries(cases)) {
    const backends = builds.map((build) => new WasmBackend({ build })), X = backends[0].upload(op.startsWith('log') ? x.map((v) => v + 30.5) : x, [n], 'float64');
    const [h, ...ours] = race([host(f), ...backends.map((w) => () => w.unary(op, X))], 300);
    console.log(`${op} of 1e6: Math.${op} ${h.toFixed(2)} ms${builds.map((build, k) => `, ${build} ${ours[k].toFixed(2)} ms, ratio ${(h / ours[k]).toFixed(2)}`).join('')}`);
  }
}
