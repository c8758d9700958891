import { jvp, vjp } from '@matheron/autograd';
import { type Tensor, mul, sum, tensor } from '@matheron/core-tensor';
import { expect } from 'vitest';

type Fn = (...x: Tensor[]) => Tensor;

/** Numbers in [−1, 1], the same each time (a linear congruential generator). */
export function numbers(count: number, seed = 1): number[] {
  let state = seed * 2654435761 + 12345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}
export function random(shape: readonly number[], seed = 1, low = -1, high = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(new Float64Array(numbers(size, seed).map((v) => low + ((v + 1) / 2) * (high - low))), { shape });
}

function shifted(x: Tensor, along: Tensor, h: number): Tensor {
  return x.add(along.mul(h));
}
/** d/dt f(x + t v) at 0, by central differences of order six. */
function numeric(f: Fn, x: readonly Tensor[], v: readonly Tensor[], h: number): Tensor {
  const at = (s: number): Tensor => f(...x.map((t, k) => shifted(t, v[k]!, s * h)));
  const central = (s: number): Tensor => at(s).sub(at(-s));
  return central(1).mul(45).sub(central(2).mul(9)).add(central(3)).div(60 * h);
}
function near(actual: Tensor, expected: Tensor, tolerance: number, what: string): void {
  const a = actual.dataSync();
  const b = expected.dataSync();
  expect(actual.shape, what).toEqual(expected.shape);
  let scale = 1;
  for (const value of b) scale = Math.max(scale, Math.abs(value));
  for (let k = 0; k < b.length; k++) expect(Math.abs(a[k]! - b[k]!) <= tolerance * scale, `${what} [${k}]: ${a[k]} against ${b[k]}`).toBe(true);
}

/**
 * Forward and reverse derivatives of f along random directions against differences, then the same of the gradient (second order, the
 * rules differentiated).
 */
export function check(f: Fn, x: readonly Tensor[], { order = 2, h = 1e-3, tolerance = 1e-8 }: { order?: 1 | 2; h?: number; tolerance?: number } = {}): void {
  const v = x.map((t, k) => random(t.shape, 11 + k));
  const expected = numeric(f, x, v, h);
  const [value, forward] = jvp((z: Tensor[]) => f(...z), [...x], v);
  near(value, f(...x), 1e-14, 'value');
  near(forward, expected, tolerance, 'forward');
  const w = random(value.shape, 5);
  const [, pullback] = vjp((z: Tensor[]) => f(...z), [...x]);
  const gradient = pullback(w);
  let inner = sum(mul(gradient[0]!, v[0]!));
  for (let k = 1; k < x.length; k++) inner = inner.add(sum(mul(gradient[k]!, v[k]!)));
  near(inner, sum(mul(expected, w)), tolerance, 'reverse');
  if (order === 2) {
    const u = x.map((t, k) => random(t.shape, 31 + k));
    const slope = (...z: Tensor[]): Tensor => {
      const [, pull] = vjp((q: Tensor[]) => f(...q), z);
      let total = tensor(0).add(0);
      pull(w).forEach((g, k) => { total = total.add(sum(mul(g, u[k]!))); });
      return total;
    };
    check(slope, x, { order: 1, h, tolerance: tolerance * 10 });
  }
}
