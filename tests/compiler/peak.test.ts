// What is planned is what is used: every byte of the memory is marked, and those that a run has changed are counted.
import { describe, expect, it } from 'vitest';
import { attachGrad, backward, grad, gradOf, record, valueAndGrad } from '@matheron/autograd';
import { wasm } from '@matheron/backend-wasm';
import { workspaceBytes } from '@matheron/backend-wasm/internal';
import { type Compiled, compile } from '@matheron/compiler';
import { RandomState, type Tensor, choleskyInfo, diagonal, exp, eye, log, matmul, mean, relu, sigmoid, slice, softplus, sqrt, square, stack, sum, tanh, tensor, triangularSolve, zeros } from '@matheron/core-tensor';

const ctx = wasm();
function random(seed: number, ...shape: number[]): Tensor {
  const r = new RandomState(seed);
  return tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => r.random() - 0.5), { ctx, shape });
}

interface Kernel { readonly lengthscale: Tensor; readonly scale: Tensor; readonly noise: Tensor }
/** The negative log marginal likelihood of a Gaussian process with a Matérn-5/2 kernel. */
function objective({ lengthscale, scale, noise }: Kernel, x: Tensor, y: Tensor): Tensor {
  const n = x.shape[0]!, z = x.div(softplus(lengthscale));
  const r = sqrt(sum(square(z.expandDims(1).sub(z.expandDims(0))), 2).add(1e-30)).mul(Math.sqrt(5));
  const k = exp(r.neg()).mul(r.add(1).add(square(r).div(3))).mul(softplus(scale)).add(eye(n, { ctx }).mul(softplus(noise)));
  const { factor } = choleskyInfo(k);
  return sum(square(triangularSolve(factor, y.expandDims(1)))).div(2).add(sum(log(diagonal(factor))));
}

type Layers = readonly (readonly [weight: Tensor, bias: Tensor])[];
const layersOf = (width: number): Layers => [1, 2, 3].map((k) => [random(k, width, width), random(k + 10, width)]);
/** Three dense layers and the mean square error. */
function dense(layers: Layers, x: Tensor, y: Tensor): Tensor {
  const out = layers.reduce((h, [w, b], k) => (k < 2 ? relu : (z: Tensor) => z)(matmul(h, w.T).add(b)), x);
  return mean(square(out.sub(y)));
}

interface Cell { readonly i: Tensor; readonly h: Tensor; readonly b: Tensor }
/** An unrolled LSTM over [batch, steps, hidden]; the sum of squares of its outputs. */
function lstm({ i, h, b }: Cell, x: Tensor): Tensor {
  const [batch, steps, hidden] = x.shape as [number, number, number], outputs: Tensor[] = [];
  let state = zeros([batch, hidden], { ctx }), carry = state;
  for (let t = 0; t < steps; t++) {
    const gates = matmul(slice(x, [], t), i.T).add(b).add(matmul(state, h.T));
    const part = (k: number): Tensor => slice(gates, [], [k * hidden, (k + 1) * hidden]);
    carry = sigmoid(part(1)).mul(carry).add(sigmoid(part(0)).mul(tanh(part(2))));
    state = sigmoid(part(3)).mul(tanh(carry));
    outputs.push(state);
  }
  return stack(outputs, 1).square().sum();
}

/** The memories that are made while `fn` runs. */
function memoriesOf(fn: () => void): WebAssembly.Memory[] {
  const made: WebAssembly.Memory[] = [], { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      made.push(this);
    }
  };
  try {
    fn();
  } finally {
    WebAssembly.Memory = Memory;
  }
  return made;
}
/** Before the planned bytes stand the kernels' own: constants, and the panels of products. */
const start = 1024 + workspaceBytes;
const mark = 0xa5;
const page = 4096;
/** What a first run touches: bytes up to the last that it changes, and of these the pages, as an operating system counts memory, in which it changes any. */
function touched(memory: WebAssembly.Memory, run: () => void): { peak: number; used: number } {
  new Uint8Array(memory.buffer, start).fill(mark);
  run();
  const bytes = new Uint8Array(memory.buffer);
  let last = start, used = 0;
  for (let at = start; at < bytes.length;) {
    const end = Math.min(at - (at % page) + page, bytes.length);
    let changed = end;
    while (changed > at && bytes[changed - 1] === mark) changed--;
    if (changed > at) {
      last = changed;
      used += end - at;
    }
    at = end;
  }
  return { peak: last - start, used };
}

/** Every call goes to a function of its own, whose memory is new. */
function measure<A extends unknown[], R>(f: (...args: A) => R, ...args: A): { reported: number; peak: number; used: number } {
  let compiled: Compiled<A, R> | undefined, reported = 0;
  // Memories of disposed functions are handed on: none is disposed here.
  const [memory] = memoriesOf(() => {
    compiled = compile(f);
    reported = compiled.explain(...args).bytes;
  });
  return { reported, ...touched(memory!, () => void compiled!(...args)) };
}

describe('the bytes that explain() reports', () => {
  const parameters: Kernel = { lengthscale: random(5, 6), scale: random(6), noise: random(7) };
  const cell: Cell = { i: random(1, 40, 10), h: random(2, 40, 10), b: random(3, 40) };
  const cases: Record<string, () => ReturnType<typeof measure>> = {
    'a Gaussian process of 300 points': () => measure(objective, parameters, random(1, 300, 6), random(2, 300)),
    'a Gaussian process of 300 points, with its gradient': () => measure(valueAndGrad(objective), parameters, random(1, 300, 6), random(2, 300)),
    'three dense layers': () => measure(dense, layersOf(64), random(8, 32, 64), random(9, 32, 64)),
    'three dense layers, with their gradients': () => measure(grad((layers: Tensor[][], x: Tensor, y: Tensor) => dense(layers as unknown as Layers, x, y)), layersOf(64) as unknown as Tensor[][], random(8, 32, 64), random(9, 32, 64)),
    'an LSTM of 20 steps': () => measure(lstm, cell, random(4, 4, 20, 10)),
    'an LSTM of 20 steps, with its gradient': () => measure(valueAndGrad(lstm), cell, random(4, 4, 20, 10)),
  };
  for (const [name, run] of Object.entries(cases)) {
    it(`${name}: are those that a run uses, within 10 %`, () => {
      const { reported, peak, used } = run();
      expect(peak).toBeLessThanOrEqual(reported);
      expect(peak).toBeGreaterThanOrEqual(0.9 * reported);
      // Triangles leave half of each row alone, but no page.
      expect(used).toBeGreaterThanOrEqual(0.9 * reported);
    });
  }
});

describe('the halves of a recorded call', () => {
  it('keep inputs, and what forward leaves to backward, once', () => {
    const n = 400, bytes = 8 * n * n;
    const f = compile((w: Tensor, x: Tensor) => sum(tanh(matmul(tanh(matmul(x, w)), w))));
    const w = attachGrad(random(1, n, n)), x = random(2, n, n);
    const [memory] = memoriesOf(() => backward(record(() => f(w, x))));
    // Forward: w, x, a product, two values of tanh. Backward: four gradients. Of w, x and the tanh there are no copies. A new memory is zero.
    const words = new Float64Array(memory!.buffer);
    let last = words.length;
    while (words[last - 1] === 0) last--;
    const peak = 8 * last - start;
    expect(peak).toBeLessThan(9.5 * bytes);
    expect(gradOf(w).shape).toEqual([n, n]);
  });
});
