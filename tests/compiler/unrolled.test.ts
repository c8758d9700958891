// Loops unroll while they are traced: what is compiled must grow with the steps at most, and code not at all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grad, valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { type Compiled, compile } from '@matheron/compiler';
import { type Context, RandomState, type Tensor, arange, matmul, sigmoid, slice, stack, sum, tanh, tensor, where, zeros } from '@matheron/core-tensor';

const batch = 4, hidden = 10;
interface Weights { readonly i: Tensor; readonly h: Tensor; readonly b: Tensor }
const random = (ctx: Context, seed: number, ...shape: number[]): Tensor => {
  const r = new RandomState(seed);
  return tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => r.random() - 0.5), { ctx, shape });
};
const weightsOn = (ctx: Context): Weights => ({ i: random(ctx, 1, 4 * hidden, hidden), h: random(ctx, 2, 4 * hidden, hidden), b: random(ctx, 3, 4 * hidden) });
const sequence = (ctx: Context, steps: number): Tensor => random(ctx, 4, batch, steps, hidden);

/** Hochreiter and Schmidhuber's LSTM over x [batch, steps, hidden]: its outputs, stacked. */
function lstm(w: Weights, x: Tensor): Tensor {
  const outputs: Tensor[] = [];
  let h = zeros([batch, hidden], { ctx: x.ctx }), c = h;
  for (let t = 0; t < x.shape[1]!; t++) {
    const gates = matmul(slice(x, [], t), w.i.T).add(w.b).add(matmul(h, w.h.T));
    const [i, f, g, o] = [0, 1, 2, 3].map((k) => slice(gates, [], [k * hidden, (k + 1) * hidden])) as [Tensor, Tensor, Tensor, Tensor];
    c = sigmoid(f).mul(c).add(sigmoid(i).mul(tanh(g)));
    h = sigmoid(o).mul(tanh(c));
    outputs.push(h);
  }
  return stack(outputs, 1);
}
const loss = (w: Weights, x: Tensor): Tensor => lstm(w, x).square().sum();

/** Bytes of the modules that the engine compiles meanwhile. */
let bytes = 0;
const { Module } = WebAssembly;
beforeAll(() => {
  WebAssembly.Module = new Proxy(Module, {
    construct: (target, args: [BufferSource]) => {
      bytes += args[0].byteLength;
      return new target(...args);
    },
  });
});
afterAll(() => {
  WebAssembly.Module = Module;
});
function compiledBytes(run: () => void): number {
  const before = bytes;
  run();
  return bytes - before;
}
const countOps = (f: Compiled<[Weights, Tensor], unknown>, steps: number): { steps: number; ops: number } => {
  const { kernels } = f.explain(weightsOn(wasm()), sequence(wasm(), steps));
  return { steps: kernels.length, ops: kernels.reduce((n, { ops }) => n + ops.length, 0) };
};

describe('an unrolled LSTM', () => {
  const gradient = grad(loss);
  it.each([
    ['forward', lstm], ['with its gradient', valueAndGrad(loss)],
  ] as [string, (w: Weights, x: Tensor) => unknown][])('takes steps and operations in proportion to its length: %s', (_, f) => {
    const [few, more, most] = [20, 40, 80].map((steps) => countOps(compile(f), steps)) as [{ steps: number; ops: number }, { steps: number; ops: number }, { steps: number; ops: number }];
    expect(most.steps - more.steps).toBe(2 * (more.steps - few.steps));
    expect(most.ops - more.ops).toBe(2 * (more.ops - few.ops));
  });
  it('is the same code for every length', () => {
    const run = (steps: number) => (): void => void compile(lstm)(weightsOn(wasm()), sequence(wasm(), steps));
    run(25)();
    // Modules that are the same aren't compiled again.
    expect(compiledBytes(run(50)) + compiledBytes(run(100))).toBe(0);
  });
  it.each([
    ['with its gradient', (w: Weights, x: Tensor) => void compile(valueAndGrad(loss))(w, x)],
    ['differentiated from outside', (w: Weights, x: Tensor) => void grad(compile(loss))(w, x)],
  ])('is the same code for every length, but for the sums of gradients: %s', (_, run) => {
    const [few, many] = [30, 120].map((steps) => compiledBytes(() => run(weightsOn(wasm()), sequence(wasm(), steps)))) as [number, number];
    expect(few).toBeGreaterThan(1000);
    // Gradients of weights are sums over the steps, in one kernel or two: loads and additions. A step by itself is 20 kB.
    expect(many - few).toBeLessThan(90 * 800);
  });
  it('computes what it says, one step or many, on either side of the derivative', () => {
    for (const steps of [1, 2, 3, 30]) {
      const want = gradient(weightsOn(cpu()), sequence(cpu(), steps));
      for (const f of [compile(gradient), grad(compile(loss))]) {
        const got = f(weightsOn(wasm()), sequence(wasm(), steps));
        for (const name of ['i', 'h', 'b'] as const) {
          const y = want[name].dataSync();
          got[name].dataSync().forEach((v, k) => expect(Math.abs(v - y[k]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(y[k]!))));
        }
      }
    }
  });
});

describe('groups that share code', () => {
  it('read a diagonal from a choice that is in memory', () => {
    const n = 20;
    const f = (x: Tensor, y: Tensor, m: Tensor): Tensor[] => {
      const at = arange(0, n, 1, { ctx: x.ctx, dtype: 'int32' }), mask = at.reshape(n, 1).equal(at);
      return [x, y].flatMap((a) => {
        const chosen = where(mask, a.exp(), 0);
        return [chosen, sum(chosen, 1).add(matmul(m, a).sum(1))];
      });
    };
    const args = (ctx: Context): [Tensor, Tensor, Tensor] => [random(ctx, 1, n, n), random(ctx, 2, n, n), random(ctx, 3, n, n)];
    const want = f(...args(cpu())), got = compile(f)(...args(wasm()));
    want.forEach((a, k) => a.dataSync().forEach((v, q) => expect(Math.abs(got[k]!.dataSync()[q]! - v)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(v)))));
  });
  it('read and write parts of larger values wherever these begin', () => {
    const n = 30;
    const f = (x: Tensor): Tensor[] => {
      const part = (k: number): Tensor => slice(x, [k, k + 3], [2 * k, 2 * k + 20]);
      const sums = [0, 1, 2, 3].map((k) => part(k).exp().add(part(k + 1)));
      return [...sums, stack(sums, 1), stack([...sums].reverse(), 0), slice(x, [5, 1, -2]).mul(slice(x, [4, 0, -2]))];
    };
    const want = f(random(cpu(), 5, n, n)), got = compile(f)(random(wasm(), 5, n, n));
    want.forEach((a, k) => a.dataSync().forEach((v, q) => expect(Math.abs(got[k]!.dataSync()[q]! - v)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(v)))));
  });
  it('of thousands of steps on few numbers are cut before a pass runs out of stack', () => {
    const steps = 4000, f = (x: Tensor): Tensor => {
      for (let k = 0; k < steps; k++) x = x.add(x.mul(x.sub(1)).mul(0.001));
      return sum(x);
    };
    const got = compile(valueAndGrad(f))(tensor([0.2, 0.9], { ctx: wasm() })), want = valueAndGrad(f)(tensor([0.2, 0.9], { ctx: cpu() }));
    [0, 1].forEach((k) => expect(got[1].dataSync()[k]).toBeCloseTo(want[1].dataSync()[k]!, 9));
    expect(got[0].item()).toBeCloseTo(want[0].item(), 12);
  });
});
