import { cholesky, cpu, exp, matmul, tensor, triangularSolve, wasm } from 'matheron';
import { mapped, naiveLoops } from '../peers/naive.mjs';
import { compare } from '../measure.mjs';
import { agree, kernelMatrix, objective, randomArray } from '../problem.mjs';

/** The suites that make sense on a page, on cpu and wasm: rows of the report. */
globalThis.bench = async (quick) => {
  const rows = [];
  const options = { rounds: quick ? 3 : 5, time: 60 };
  const add = async (suite, name, n, subject, reference, ours, theirs) => {
    const inner = n <= 100 ? 50 : 1; // clocks of pages are coarse
    const repeated = (f) => () => {
      for (let k = 0; k < inner; k++) f();
    };
    const result = await compare(repeated(ours), repeated(theirs), options);
    rows.push({ suite, case: name, n, dtype: 'float64', subject: `${subject}-browser`, reference: `${reference}-browser`, ...result, medianMs: result.medianMs / inner, referenceMs: result.referenceMs / inner });
  };
  for (const [subject, ctx] of [['wasm', wasm()], ['cpu', cpu()]]) {
    for (const n of quick ? [64, 256] : [64, 256, 512]) {
      const [a, b, spd] = [randomArray(n * n, 1), randomArray(n * n, 2), kernelMatrix(n)];
      const naive = naiveLoops(n), factor = naive.cholesky(spd);
      const t = (x) => tensor(x, { ctx, shape: [n, n] });
      const [A, B, S, L] = [a, b, spd, factor].map(t);
      await add('kernels', 'gemm', n, subject, 'naive', () => matmul(A, B), () => naive.gemm(a, b));
      await add('kernels', 'cholesky', n, subject, 'naive', () => cholesky(S), () => naive.cholesky(spd));
      await add('kernels', 'triangularSolve', n, subject, 'naive', () => triangularSolve(L, B), () => naive.triangularSolve(factor, b));
    }
    const x = Float64Array.from(randomArray(1e6, 3), (v) => 20 * v), X = tensor(x, { ctx });
    await add('kernels', 'exp', 1e6, subject, 'naive', () => exp(X), () => mapped(x, Math.exp));
  }
  for (const n of quick ? [100] : [100, 500]) {
    const [compiled, plain] = [objective(wasm(), n), objective(cpu(), n)];
    agree('wasm in the browser', compiled()[0], n);
    await add('gp', 'nll-gradient', n, 'wasm', 'cpu', compiled, plain);
  }
  return rows;
};
