// node run.mjs [sizes] : the compiled objective and its nine gradients against the same fused by hand. Medians of interleaved runs.
import { valueAndGrad } from '@matheron/autograd';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { handFused } from './limit.mjs';
import { argumentsOf, flat, naive, negativeLogLikelihood } from './objective.mjs';
import { problem } from './problem.mjs';

const sizes = (process.argv[2] ?? '100,500,1000,2000').split(',').map(Number);
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const f = compile(valueAndGrad(negativeLogLikelihood), { name: 'objective' }), g = compile(valueAndGrad(naive), { name: 'naive' });
for (const n of sizes) {
  const p = problem(n), args = argumentsOf(p, wasm());
  const jobs = { compiled: () => f(...args), naive: () => g(...args), limit: handFused(p) };
  const want = jobs.limit(), scale = Math.max(...want.map(Math.abs));
  for (const name of ['compiled', 'naive']) {
    const error = Math.max(...flat(jobs[name]()).map((v, k) => Math.abs(v - want[k]))) / scale;
    if (!(error < 1e-9)) throw new Error(`${name} differs from the limit by ${error}`);
  }
  const times = Object.fromEntries(Object.keys(jobs).map((name) => [name, []]));
  const rounds = Math.max(15, Math.min(600, Math.ceil(3e8 / n ** 3)));
  for (let k = 0; k < rounds + 20; k++) {
    for (const [name, job] of Object.entries(jobs)) {
      const t = performance.now();
      job();
      if (k >= Math.min(20, rounds)) times[name].push(performance.now() - t);
    }
  }
  const best = Object.fromEntries(Object.entries(times).map(([name, t]) => [name, Math.min(...t)]));
  const m = Object.fromEntries(Object.entries(times).map(([name, t]) => [name, median(t)]));
  console.log(`n ${n}: limit ${m.limit.toFixed(3)} ms, compiled ${m.compiled.toFixed(3)} (${(m.compiled / m.limit).toFixed(3)}×, best ${(best.compiled / best.limit).toFixed(3)}×), naive kernel ${m.naive.toFixed(3)} (${(m.naive / m.limit).toFixed(3)}×, best ${(best.naive / best.limit).toFixed(3)}×)`);
}
const times = [];
for (let n = 101; n < 161; n++) {
  const args = argumentsOf(problem(n), wasm()), t = performance.now();
  f(...args);
  times.push(performance.now() - t);
}
console.log(`a new n: first ${times[0].toFixed(2)} ms, median ${median(times).toFixed(2)}`);
const models = [];
for (let k = 0; k < 8; k++) {
  const args = argumentsOf(problem(100), wasm()), fresh = compile(valueAndGrad((a, X, y) => { let v = negativeLogLikelihood(a, X, y); for (let q = 0; q <= k; q++) v = v.add(a.mean.mul(q + k)); return v; }));
  const t = performance.now();
  fresh(...args);
  models.push(performance.now() - t);
}
console.log(`a new model: ${models.map((t) => t.toFixed(1)).join(' ')} ms`);
