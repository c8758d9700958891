// node bench/direct.mjs [sizes] [ms a race]: this backend against BLAS called by hand through koffi, one thread, in one process, from dist.
// Out of place: a fresh result, input copied, upper triangle zeroed, on both sides. In place: a compiled plan's routines, on views of its memory.
import { native } from '../dist/index.js';
import { Threads, nativeRoutines, openLibrary, thresholds } from '../dist/internal.js';
import { instantiateCore, workspaceBytes } from '@matheron/backend-wasm/internal';
import { blas, direct, integer, kernelMatrix, race, random } from './support.mjs';

const sizes = (process.argv[2] ?? '256,512,1000,2000').split(',').map(Number), budget = Number(process.argv[3] ?? 400);
console.log(`${process.version}, ${blas.vendor} ${blas.version} (${blas.core}), ${blas.path}; medians of turns, and the ratio of the best times`);
const { backend } = native({ threads: 1 }), library = openLibrary(blas.path);
const lower = { lower: true, transpose: false, unitDiagonal: false, side: 'left' };
for (const n of sizes) {
  const size = n * n, a = random(size), b = random(size, 2), k = kernelMatrix(n), N = integer(n), info = integer(0);
  const zeroUpper = (l) => { for (let i = 0; i < n; i++) l.fill(0, i * n + i + 1, i * n + n); };
  const factor = () => { const l = k.slice(); direct.potrf('U', N, l, N, info); zeroUpper(l); return l; };
  const l = factor();
  const tensor = (x) => backend.upload(x, [n, n], 'float64');
  const A = tensor(a), B = tensor(b), K = tensor(k), F = tensor(l);
  const show = (where, name, { times, best, ratios }) =>
    console.log(`n=${n} ${where} ${name}: by hand ${times[0].toFixed(3)} ms, here ${times[1].toFixed(3)} ms, ratio ${ratios[1].toFixed(3)}; of the best ${(best[0] / best[1]).toFixed(3)}`);
  const eager = {
    gemm: [() => direct.gemm(101, 111, 111, n, n, n, 1, a, n, b, n, 0, new Float64Array(size), n), () => backend.matmul(A, B)],
    cholesky: [factor, () => backend.cholesky(K)],
    solve: [() => direct.trsm(101, 141, 122, 111, 131, n, n, 1, l, n, b.slice(), n), () => backend.triangularSolve(F, B, lower)],
    'inverse (potri)': [() => { const x = l.slice(); direct.potri('U', N, x, N, info); for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[j * n + i] = x[i * n + j]; }, () => backend.choleskyInverse(F)],
  };
  for (const [name, jobs] of Object.entries(eager)) show('out of place', name, race(jobs, budget));

  const start = workspaceBytes + 65536, memory = new WebAssembly.Memory({ initial: Math.ceil((start + 32 * size) / 65536) });
  const at = (i) => start + 8 * i * size, view = (i) => new Float64Array(memory.buffer, at(i), size), [va, vb, vc] = [view(0), view(1), view(2)];
  const routines = nativeRoutines(library, new Threads(library, 1), thresholds.compiled, memory, instantiateCore(memory)), ws = 1024;
  va.set(a);
  vb.set(b);
  show('in place', 'gemm', race([() => direct.gemm(101, 111, 111, n, n, n, 1, va, n, vb, n, 0, vc, n), () => routines.gemm(n, n, n, 1, at(0), n, 1, at(1), n, 1, at(2), n, 1, 0, ws)], budget));
  show('in place', 'cholesky', race([() => { vc.set(k); direct.potrf('U', N, vc, N, info); }, () => { vc.set(k); routines.potrf(n, at(2), n, ws); }], budget));
  va.set(l);
  show('in place', 'solve', race([() => { vb.set(b); direct.trsm(101, 141, 122, 111, 131, n, n, 1, va, n, vb, n); }, () => { vb.set(b); routines.trsm(0, 0, n, n, at(0), n, 1, at(1), n, 1, ws); }], budget));
  show('in place', 'inverse (potri)', race([() => { vc.set(l); direct.potri('U', N, vc, N, info); }, () => { vc.set(l); routines.potri(n, at(2), n, ws); }], budget));
}
