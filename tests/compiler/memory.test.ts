import { describe, expect, it } from 'vitest';
import { attachGrad, backward, gradOf, record, valueAndGrad } from '@matheron/autograd';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { type Tensor, diagonal, eye, log, matmul, square, sum, tensor, triangularSolve, choleskyInfo } from '@matheron/core-tensor';

const ctx = wasm();
const random = (...shape: number[]): Tensor => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(k * 1.7)), { ctx }).reshape(...shape);
const density = (x: Tensor): Tensor => {
  const n = x.shape[0]!, { factor } = choleskyInfo(matmul(x, x.T).add(eye(n, { ctx }).mul(n)));
  return sum(log(diagonal(factor))).add(sum(square(triangularSolve(factor, x))));
};

/** Runs `fn` with another constructor in the place of one of WebAssembly's. */
function withConstructor(name: 'Memory' | 'Module', replacement: unknown, fn: () => void): void {
  const original: unknown = WebAssembly[name];
  Object.assign(WebAssembly, { [name]: replacement });
  try {
    fn();
  } finally {
    Object.assign(WebAssembly, { [name]: original });
  }
}

describe('memory', () => {
  it('stays flat over many calls', () => {
    const f = compile(valueAndGrad(density)), x = random(12, 5);
    const held = (): number => { const { heapUsed, arrayBuffers } = process.memoryUsage(); return heapUsed + arrayBuffers; };
    let least = Infinity;
    for (let k = 0; k < 4000; k++) { f(x); if (k > 2000) least = Math.min(least, held()); }
    let after = Infinity;
    for (let k = 0; k < 12000; k++) { f(x); if (k % 10 === 0) after = Math.min(after, held()); }
    expect(after - least).toBeLessThan(4e6);
  });
  it('is handed on by functions that are disposed, and serves all sizes of one', () => {
    let made = 0;
    class Counted extends WebAssembly.Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        made++;
      }
    }
    withConstructor('Memory', Counted, () => {
      for (let k = 0; k < 50; k++) {
        const f = compile((y: Tensor) => sum(y.mul(k / 50).exp()));
        expect(f(random(100)).item()).toBeCloseTo(sum(random(100).mul(k / 50).exp()).item(), 6);
        f.dispose();
      }
      const f = compile(valueAndGrad(density));
      for (let n = 2; n < 60; n++) f(random(n, 3));
      f.dispose();
    });
    expect(made).toBeLessThanOrEqual(2);
  });
  it('may grow for another plan while a recorded run waits for its backward pass', () => {
    const f = compile((y: Tensor) => sum(y.exp().mul(y)));
    const [x, z, large] = [3, 5, 400_000].map((n) => attachGrad(tensor(Float64Array.from({ length: n }, (_, k) => k / n), { ctx }))) as [Tensor, Tensor, Tensor];
    const first = record(() => f(x));
    f(large);
    const second = record(() => f(x));
    record(() => f(z));
    for (const head of [first, second]) {
      backward(head);
      const want = x.exp().mul(x.add(1)).toArray<number[]>();
      gradOf(x).toArray<number[]>().forEach((g, k) => expect(g).toBeCloseTo(want[k]!, 12));
    }
  });
  it('of a function that is disposed, or displaced by another size, is not touched by a backward pass that comes later', () => {
    for (const displace of [(f: { dispose(): void }) => f.dispose(), (f: (y: Tensor) => Tensor) => record(() => f(attachGrad(random(7))))]) {
      const f = compile((y: Tensor) => sum(y.exp().mul(y)), { cacheSize: 1 }), x = attachGrad(random(5));
      const head = record(() => f(x));
      displace(f);
      // Takes over the memory that f has left.
      const others = Array.from({ length: 6 }, (_, k) => compile((y: Tensor) => sum(y.mul(k + 1).exp())));
      const before = others.map((g) => g(random(5)).item());
      for (let pass = 0; pass < 2; pass++) {
        backward(head, { retainGraph: true });
        const want = x.exp().mul(x.add(1)).toArray<number[]>();
        gradOf(x).toArray<number[]>().forEach((g, k) => expect(g).toBeCloseTo(want[k]!, 12));
        expect(others.map((g) => g(random(5)).item())).toEqual(before);
      }
    }
  });
  it('switches between sizes that share it', () => {
    const f = compile(valueAndGrad(density));
    const want = new Map<number, number>();
    for (const n of [700, 20, 1100, 700, 20, 1100, 700]) {
      const [value] = f(random(n, 3));
      expect(value.item()).toBe(want.get(n) ?? value.item());
      want.set(n, value.item());
      expect(value.item()).toBeCloseTo(density(random(n, 3)).item(), 8);
    }
    f.dispose();
  });
  it('is as large as the plan says', () => {
    const f = compile(valueAndGrad(density)), { bytes } = f.explain(random(300, 3));
    expect(bytes).toBeGreaterThan(300 * 300 * 8);
    expect(bytes).toBeLessThan(300 * 300 * 8 * 7);
  });
});

describe('where WebAssembly may not be compiled at run time', () => {
  it('the calls of the graph are made one by one', () => {
    const x = random(30, 4), f = compile((y: Tensor) => sum(y.exp().mul(1.2345)));
    let asked = 0;
    const refuse = function (): never {
      asked++;
      throw new WebAssembly.CompileError('refused by the policy of this page');
    };
    withConstructor('Module', refuse, () => expect(f(x).item()).toBeCloseTo(sum(x.exp().mul(1.2345)).item(), 10));
    expect(asked).toBe(1);
    expect(f.explain(x).kernels.map(({ name }) => name)).toEqual(['exp', 'full', 'mul', 'reduce sum']);
  });
});
