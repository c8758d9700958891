import { describe, expect, it } from 'vitest';
import { attachGrad, backward, gradOf, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { Cell, type Context, Generator, type Tensor, exp, matmul, sum, tanh, tensor } from '@matheron/core-tensor';

const values = (n: number, seed: number): Float64Array => Float64Array.from({ length: n }, (_, k) => Math.sin(seed + k * 1.3));
const matrix = (ctx: Context, rows: number, columns: number, seed: number): Tensor => tensor(values(rows * columns, seed), { ctx }).reshape(rows, columns);
/** A function whose backward needs its inputs, products in the middle, and an input that forward doesn't use. */
const layer = (x: Tensor, w: Tensor, v: Tensor): Tensor => sum(tanh(matmul(tanh(matmul(x, w)), w)).mul(exp(x.mul(0.1))).add(v.mul(0)).add(v));

type Step = { readonly forward: number } | { readonly backward: number; readonly retain?: boolean };
/** Runs the halves of several calls in the given order; the gradients by call and pass. */
function gradients(ctx: Context, f: typeof layer, order: readonly Step[]): number[][] {
  const w = attachGrad(matrix(ctx, 7, 7, 1)), found: number[][] = [];
  const calls = new Map<number, { x: Tensor; v: Tensor; loss: Tensor }>();
  for (const step of order) {
    if ('forward' in step) {
      const x = attachGrad(matrix(ctx, 9, 7, step.forward)), v = attachGrad(matrix(ctx, 9, 7, step.forward + 0.5));
      calls.set(step.forward, { x, v, loss: record(() => f(x, w, v)) });
      continue;
    }
    const { x, v, loss } = calls.get(step.backward)!;
    backward(loss, { retainGraph: step.retain ?? false });
    for (const y of [x, w, v]) found.push([...gradOf(y).dataSync()]);
  }
  return found;
}
function close(a: readonly number[][], b: readonly number[][]): void {
  expect(a.length).toBe(b.length);
  a.forEach((row, k) => row.forEach((y, i) => expect(Math.abs(y - b[k]![i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(y)))));
}

describe('the halves of recorded calls', () => {
  const orders: Record<string, readonly Step[]> = {
    'one after the other': [{ forward: 1 }, { backward: 1 }, { forward: 2 }, { backward: 2 }],
    'all forward, then backward': [{ forward: 1 }, { forward: 2 }, { forward: 3 }, { backward: 3 }, { backward: 2 }, { backward: 1 }],
    'in the order of the calls': [{ forward: 1 }, { forward: 2 }, { forward: 3 }, { backward: 1 }, { backward: 2 }, { backward: 3 }],
    'backward twice': [{ forward: 1 }, { backward: 1, retain: true }, { backward: 1 }],
    'backward again after others': [{ forward: 1 }, { backward: 1, retain: true }, { forward: 2 }, { backward: 2 }, { backward: 1, retain: true }, { forward: 3 }, { backward: 1 }, { backward: 3 }],
    'forward without backward between': [{ forward: 1 }, { forward: 2 }, { forward: 3 }, { backward: 2 }],
  };
  for (const [name, order] of Object.entries(orders)) {
    it(`${name}: the gradients of eager calls`, () => {
      const f = compile(layer);
      close(gradients(wasm(), f, order), gradients(cpu(), layer, order));
      f.dispose();
    });
  }
  it('of two sizes, whose memory grows between them', () => {
    const f = compile(layer), ctx = wasm();
    const run = (on: Context, g: typeof layer): number[][] => {
      const w = attachGrad(matrix(on, 7, 7, 1));
      const calls = [9, 4000, 12].map((n) => {
        const x = attachGrad(matrix(on, n, 7, n));
        return { x, loss: record(() => g(x, w, matrix(on, n, 7, 2))) };
      });
      return calls.map(({ x, loss }) => (backward(loss), [...gradOf(x).dataSync(), ...gradOf(w).dataSync()]));
    };
    const [a, b] = [run(ctx, f), run(cpu(), layer)];
    a.forEach((row, k) => row.forEach((y, i) => expect(Math.abs(y - b[k]![i]!)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(y)))));
  });
  it('too large to stand side by side', () => {
    const f = compile(layer);
    const run = (on: Context, g: typeof layer): number => {
      const w = attachGrad(matrix(on, 7, 7, 1)), x = matrix(on, 150_000, 7, 3);
      const [first, second] = [record(() => g(x, w, x)), record(() => g(x.mul(0.5), w, x))];
      backward(first);
      const found = gradOf(w).sum().item();
      backward(second);
      return found + 3 * gradOf(w).sum().item();
    };
    const [a, b] = [run(wasm(), f), run(cpu(), layer)];
    expect(Math.abs(a / b - 1)).toBeLessThan(1e-9);
  });
  it('see the same random numbers, also when forward is computed again', () => {
    const rng = new Generator(7), ctx = wasm();
    const noisy = compile((x: Tensor) => { const noise = rng.normal([50], { ctx }); return sum(tanh(x.mul(noise)).mul(noise)); });
    const x = attachGrad(tensor(values(50, 1), { ctx }));
    const first = record(() => noisy(x));
    backward(first, { retainGraph: true });
    const once = [...gradOf(x).dataSync()];
    backward(record(() => noisy(x)));
    expect([...gradOf(x).dataSync()]).not.toEqual(once);
    backward(first);
    expect([...gradOf(x).dataSync()]).toEqual(once);
  });
  it('read cells as they were when forward ran', () => {
    const ctx = wasm(), cell = new Cell(tensor(values(50, 2), { ctx }));
    const f = compile((x: Tensor) => sum(tanh(x.mul(cell.read()))));
    const x = attachGrad(tensor(values(50, 1), { ctx }));
    const gradient = (c: Tensor): number[] => { const t = tanh(x.mul(c)); return [...t.mul(t).neg().add(1).mul(c).dataSync()]; };
    const before = cell.peek();
    const first = record(() => f(x));
    cell.write(tensor(values(50, 4), { ctx }));
    const second = record(() => f(x));
    backward(second);
    close([[...gradOf(x).dataSync()]], [gradient(cell.peek())]);
    backward(first);
    close([[...gradOf(x).dataSync()]], [gradient(before)]);
  });
});
