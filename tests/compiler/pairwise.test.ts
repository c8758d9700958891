// Random expressions of differences between points, as covariances are: which halves are symmetric, opposite or neither is what the planner has to see right.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import {
  type Context, type Tensor, abs, choleskyInfo, choleskyInverse, cos, diagonal, equal, erf, exp, eye, greater, log, matmul, maximum, neg, reciprocal, relu, sigmoid, sign, sin, square, sub, sum, tanh, tensor, triangularSolve, tril, where,
} from '@matheron/core-tensor';

type Operation = (a: Tensor, b: Tensor) => Tensor;
const tame = (x: Tensor): Tensor => tanh(x.mul(0.5)).mul(2);
const operations: readonly Operation[] = [
  (a) => sin(a), (a) => cos(a), (a) => tanh(a), (a) => neg(a), (a) => square(tame(a)), (a) => abs(a), (a) => exp(tame(a)), (a) => sigmoid(a), (a) => erf(a), (a) => reciprocal(square(a).add(0.5)),
  (a) => sign(a), (a) => relu(a), (a) => a.mul(0.5), (a) => a.mul(-2), (a) => a.mul(0.3), (a) => a.T, (a) => a.add(1),
  (a, b) => a.add(b), (a, b) => sub(a, b), (a, b) => tame(a).mul(tame(b)), (a, b) => a.mul(-0.5).mul(b.mul(0.25)), (a, b) => a.div(square(b).add(0.5)), (a, b) => maximum(a, b),
  (a, b) => where(greater(a, b), a, b.mul(2)), (a, b) => where(greater(square(b), 0.123), a, 0), (a, b) => where(equal(a, b), 0.5, a),
];
const step = fc.record({ op: fc.nat(operations.length - 1), a: fc.nat(9), b: fc.nat(9) });
const program = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 9 }), seed: fc.nat(1000) });

/** x [n, 2] → a scalar through a matrix P of pairs: sums of it, and the density and inverse of a covariance made of it. */
function criterion(steps: readonly { op: number; a: number; b: number }[]): (x: Tensor) => Tensor {
  return (x) => {
    const n = x.shape[0]!, one = x.slice([], 0), two = x.slice([], 1), pair = (v: Tensor): Tensor => sub(v.reshape(n, 1), v.reshape(1, n));
    const pool = [pair(one), pair(two), one.reshape(n, 1).add(x.sum().mul(0)).broadcastTo([n, n])];
    for (const { op, a, b } of steps) pool.push(tame(operations[op]!(pool[a % pool.length]!, pool[b % pool.length]!)));
    const last = pool.at(-1)!;
    const { factor } = choleskyInfo(tame(last).mul(tame(last.T)).add(eye(n, { ctx: x.ctx }).mul(4 * n)));
    const w = triangularSolve(factor, one.reshape(n, 1));
    const inverse = sum(choleskyInverse(factor).mul(last)), density = sum(square(w)).add(sum(log(diagonal(factor))));
    return sum(last).add(density).add(inverse).add(sum(matmul(tril(last), factor)).mul(1 / n));
  };
}
function points(ctx: Context, n: number, seed: number): Tensor {
  let s = seed + 1;
  return tensor(Float64Array.from({ length: 2 * n }, () => ((s = (s * 48271) % 2147483647) / 2147483647) * 4 - 2), { ctx }).reshape(n, 2);
}
const far = (a: Tensor, b: Tensor): number => {
  const x = Float64Array.from(a.dataSync()), y = Float64Array.from(b.dataSync()), scale = y.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  return x.reduce((m, v, k) => Math.max(m, Math.abs(v - y[k]!)), 0) / scale;
};

it('covariances of any make: value and gradient, compiled on wasm and eager', () => {
  fc.assert(fc.property(program, ({ steps, seed }) => {
    const f = criterion(steps), value = compile(f), gradient = compile(grad(f));
    for (const n of [18, 70, 83]) {
      const x = points(wasm(), n, seed), plain = points(cpu(), n, seed);
      expect(far(value(x), f(plain))).toBeLessThanOrEqual(1e-11);
      expect(far(gradient(x), grad(f)(plain))).toBeLessThanOrEqual(1e-9);
    }
    value.dispose();
    gradient.dispose();
  }), { seed: Number(process.env['PROPERTY_SEED'] ?? 27182818), numRuns: Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 500) / 5) });
}, 300_000);
