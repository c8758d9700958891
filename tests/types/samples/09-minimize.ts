// Compiled objective, bounded quasi-Newton
import { square, valueAndGrad } from 'matheron';
import type { Tensor } from 'matheron';
import { compile, minimize } from 'matheron';

declare const rosenbrock: (x: Tensor) => Tensor;
const objective = compile(valueAndGrad((p: { w: Tensor; s: Tensor }) => p.w.sub([1, 2]).div(p.s).square().sum().add(p.s.log())));
const best = await minimize(objective, { w: [0, 0], s: 1 }, { bounds: { s: [1e-3, 1e3] }, signal: AbortSignal.timeout(10_000) });
console.log(best.reason, best.value, best.x.w.toArray(), best.message);
console.log(objective.explain(best.x).toString(), (await minimize(compile(valueAndGrad(rosenbrock)), [-1.2, 1])).x.toArray());
