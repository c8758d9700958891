import { grad } from '@matheron/autograd';
import { tfjs, tfjsNode } from '@matheron/backend-tfjs';
import { compile } from '@matheron/compiler';
import { type Context, type Tensor, cholesky, logDetFromCholesky, matmul, mean, scope, tensor } from '@matheron/core-tensor';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(new URL('../../packages/backend-tfjs/package.json', import.meta.url));
const tf = require('@tensorflow/tfjs-core') as { memory(): { numTensors: number } };
const binding = (): { getNumOfTensors(): number } => (require('@tensorflow/tfjs-node') as { findBackend(name: string): { binding: { getNumOfTensors(): number } } }).findBackend('tensorflow').binding;
const devices: { name: string; ctx: Context; count: () => number }[] = [];
for (const engine of ['cpu', 'wasm'] as const) devices.push({ name: `tfjs-${engine}`, ctx: await tfjs(engine, { dtype: 'float32' }), count: () => tf.memory().numTensors });
await tfjsNode().then((ctx) => devices.push({ name: 'tfjs-node', ctx, count: () => binding().getNumOfTensors() }), () => undefined);

describe.each(devices)('gradients on $name', ({ ctx, count }) => {
  const loss = (x: Tensor): Tensor => mean(matmul(x, x.T).add(1).log().mul(x.square().sum()));
  const x = tensor([[1, 2], [3, 4]], { ctx, dtype: 'float32' });
  it('scope frees what a gradient made and keeps what it returns', () => {
    scope(() => grad(loss)(x));
    const before = count();
    const g = scope(() => {
      for (let k = 0; k < 3; k++) grad(loss)(x);
      return grad(loss)(x);
    });
    expect(count() - before).toBe(1);
    g[Symbol.dispose]();
    expect(count()).toBe(before);
  });
  it('an executable leaves nothing but its outputs', () => {
    const f = compile(grad(loss));
    f(x)[Symbol.dispose]();
    const before = count();
    for (let k = 0; k < 5; k++) f(x)[Symbol.dispose]();
    expect(count()).toBe(before);
  });
  it('the gradient of log det a is a⁻¹', () => {
    const a = tensor([[2, 0.5], [0.5, 1]], { ctx, dtype: 'float32' });
    const g = grad((m: Tensor) => logDetFromCholesky(cholesky(m)))(a).toArray<number[][]>();
    // a symmetric perturbation moves both triangles: a⁻¹ = [[1, −½], [−½, 2]] / 1.75
    const [p, q, r] = [1 / 1.75, -0.5 / 1.75, 2 / 1.75];
    for (const [actual, expected] of [[g[0]![0]!, p], [g[0]![1]! + g[1]![0]!, 2 * q], [g[1]![1]!, r]] as const) expect(Math.abs(actual - expected)).toBeLessThan(1e-6);
  });
});
