// A hundred thousand calls leave nothing behind but their results.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { attachGrad, backward, record, valueAndGrad } from '@matheron/autograd';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { Cell, type Tensor, exp, matmul, sum, tanh, tensor } from '@matheron/core-tensor';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const ctx = wasm(), calls = 100_000, kept = 1000;
const values = (n: number): Tensor => tensor(Float64Array.from({ length: n }, (_, k) => Math.sin(k)), { ctx });

/** Bytes that are held now, by objects and by buffers. Two collections, a turn apart: buffers are freed beside the first. */
async function held(): Promise<{ objects: number; buffers: number }> {
  for (let k = 0; k < 3; k++) {
    collect();
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { objects: heapUsed, buffers: arrayBuffers };
}
/** How often memories of WebAssembly grow or are made while `fn` runs. */
async function growthDuring(fn: () => Promise<void>): Promise<number> {
  const { Memory } = WebAssembly, { grow } = Memory.prototype;
  let count = 0;
  Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number): number {
    count++;
    return grow.call(this, pages);
  };
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      count++;
    }
  };
  try {
    await fn();
  } finally {
    WebAssembly.Memory = Memory;
    Memory.prototype.grow = grow;
  }
  return count;
}

/** Programs by name: a call, and the bytes of its results. */
const programs: Record<string, () => { call: () => unknown; bytes: number }> = {
  'a chain of kernels': () => {
    const f = compile((x: Tensor) => tanh(x.mul(2)).add(exp(x))), x = values(300);
    return { call: () => f(x), bytes: 8 * 300 };
  },
  'a value and a gradient': () => {
    const f = compile(valueAndGrad((w: Tensor, x: Tensor) => sum(tanh(matmul(x, w))))), w = values(200).reshape(10, 20), x = values(40).reshape(4, 10);
    return { call: () => f(w, x), bytes: 8 * 201 };
  },
  'a recorded call and its backward pass': () => {
    const f = compile((x: Tensor) => sum(tanh(x.square()).mul(x))), x = attachGrad(values(300));
    return { call: () => { const y = record(() => f(x)); backward(y); return y.detach(); }, bytes: 8 };
  },
  'a cell that is read and written': () => {
    const cell = new Cell(values(100)), f = compile((x: Tensor) => { cell.write(cell.read().mul(0.5).add(x)); return cell.read().sum(); }), x = values(100);
    return { call: () => f(x), bytes: 8 };
  },
};

describe('a hundred thousand calls', () => {
  for (const [name, make] of Object.entries(programs)) {
    it(`${name}: hold nothing, and no memory grows`, async () => {
      const { call, bytes } = make();
      for (let k = 0; k < 20_000; k++) call();
      let before = await held(), after = before;
      const grown = await growthDuring(async () => {
        for (let k = 0; k < calls; k++) call();
        after = await held();
      });
      expect(grown).toBe(0);
      // A byte a call would be 100,000. What the engine compiles meanwhile is a part of the heap.
      expect(after.buffers - before.buffers).toBeLessThan(20_000);
      expect(after.objects - before.objects).toBeLessThan(400_000);

      before = await held();
      const results = Array.from({ length: kept }, call);
      after = await held();
      expect(results).toHaveLength(kept);
      // Results, and the objects around them.
      expect(after.buffers + after.objects - before.buffers - before.objects).toBeLessThan(kept * (bytes + 1500) + 200_000);
      expect(after.buffers - before.buffers).toBeLessThan(kept * bytes * 1.02 + 20_000);
    });
  }
});
