import {
  type Backend, type BackendTensor, type BinaryOp, type CompareOp, type DType, type ReduceOp, type UnaryOp, TensorError, allocate, binaryKinds, compareKinds, matmul, mean, reduceKinds, scope, tensor, unaryKinds,
} from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { devices } from './support.ts';

type Call = (b: Backend) => BackendTensor | object;
const values = (b: Backend, shape: readonly number[], dtype: DType = 'float32', seed = 1): BackendTensor => {
  const data = allocate(dtype, shape.reduce((p, q) => p * q, 1));
  for (let k = 0; k < data.length; k++) data[k] = dtype === 'bool' ? (k * seed) % 2 : dtype === 'int32' ? (k * 7 + seed) % 5 : Math.sin(seed + 1.7 * k);
  return b.upload(data, shape, dtype);
};
/** [n, n] with 2 on the diagonal beside it. */
const definite = (b: Backend, n: number, sign = 1): BackendTensor => b.upload(Float32Array.from({ length: n * n }, (_, p) => (p % (n + 1) === 0 ? 2 * sign : 0.3 / n)), [n, n], 'float32');

const calls: Record<string, Call> = {
  full: (b) => b.full(2, [3, 40], 'float32'),
  iota: (b) => b.iota(7, 'float32'),
  cast: (b) => b.cast(values(b, [3, 4]), 'int32'),
  'cast to bool': (b) => b.cast(values(b, [3, 4]), 'bool'),
  reshape: (b) => b.reshape(values(b, [3, 4]), [12]),
  permute: (b) => b.permute(values(b, [2, 3, 4]), [2, 0, 1]),
  'permute bool': (b) => b.permute(values(b, [2, 3, 4], 'bool'), [2, 0, 1]),
  broadcastTo: (b) => b.broadcastTo(values(b, [3, 1]), [3, 4]),
  concat: (b) => b.concat([values(b, [2, 3]), values(b, [2, 1])], 1),
  slice: (b) => b.slice(values(b, [6, 3]), [{ start: 5, stop: -1, step: -2 }, { start: 1, stop: 3, step: 1 }]),
  pad: (b) => b.pad(values(b, [4]), [{ low: -1, high: 2, interior: 1 }], 3),
  where: (b) => b.where(values(b, [2, 3], 'bool'), values(b, [2, 3]), values(b, [2, 3])),
  argmax: (b) => b.argReduce('argmax', values(b, [3, 4]), 0),
  cumsum: (b) => b.cumulative('sum', values(b, [3, 4]), 0),
  'cumprod of int32': (b) => b.cumulative('prod', values(b, [3, 4], 'int32'), 1),
  sort: (b) => b.sort(values(b, [3, 4]), 1),
  gather: (b) => b.gather(values(b, [3, 4]), b.upload(Int32Array.of(2, -1), [2], 'int32'), 1),
  'gather at a computed index': (b) => b.gather(values(b, [3, 4]), b.cast(b.full(1, [20], 'float32'), 'int32'), 1),
  scatterAdd: (b) => b.scatterAdd(values(b, [3, 4]), b.upload(Int32Array.of(2, -1), [2], 'int32'), values(b, [2, 4]), 0),
  unfold: (b) => b.unfold(values(b, [2, 6]), [{ width: 3, stride: 1, dilation: 1 }]),
  fold: (b) => b.fold(values(b, [2, 4, 3]), [{ width: 3, stride: 1, dilation: 1 }], [2, 6]),
  matmul: (b) => b.matmul(values(b, [2, 3, 4]), values(b, [2, 4, 5])),
  'matmul of int32': (b) => b.matmul(values(b, [3, 4], 'int32'), values(b, [4, 5], 'int32')),
  cholesky: (b) => b.cholesky(definite(b, 30)),
  'cholesky that fails': (b) => b.cholesky(definite(b, 30, -1)),
  choleskyInverse: (b) => b.choleskyInverse(definite(b, 5)),
  triangularSolve: (b) => b.triangularSolve(definite(b, 30), values(b, [3, 30]), { lower: false, transpose: true, unitDiagonal: true, side: 'right' }),
  lu: (b) => b.lu(values(b, [30, 30])),
  'lu of a singular matrix': (b) => b.lu(b.full(1, [5, 5], 'float32')),
  qr: (b) => b.qr(values(b, [5, 3]), { pivot: false }),
  'qr with pivoting': (b) => b.qr(values(b, [5, 3]), { pivot: true }),
  eigh: (b) => b.eigh(definite(b, 5)),
  svd: (b) => b.svd(values(b, [4, 6])),
  randomBits: (b) => b.randomBits(values(b, [2], 'int32'), values(b, [2], 'int32'), [7], 24),
};
for (const op of Object.keys(unaryKinds) as UnaryOp[]) calls[op] = (b) => b.unary(op, values(b, [3, 4], op === 'logicalNot' ? 'bool' : 'float32'));
for (const op of Object.keys(binaryKinds) as BinaryOp[]) calls[op] = (b) => b.binary(op, values(b, [3, 4], binaryKinds[op] === 'bool' ? 'bool' : 'float32'), values(b, [3, 4], binaryKinds[op] === 'bool' ? 'bool' : 'float32', 2));
for (const op of ['mul', 'pow', 'mod'] as const) calls[`${op} of int32`] = (b) => b.binary(op, values(b, [3, 4], 'int32'), values(b, [3, 4], 'int32', 2));
for (const op of compareKinds as readonly CompareOp[]) calls[op] = (b) => b.compare(op, values(b, [3, 4]), values(b, [3, 4], 'float32', 2));
for (const op of Object.keys(reduceKinds) as ReduceOp[]) calls[`reduce ${op}`] = (b) => b.reduce(op, values(b, [3, 4], reduceKinds[op] === 'bool' ? 'bool' : 'float32'), [0]);

describe.each(await devices())('memory of $name', ({ ctx, count }) => {
  /** A backend whose tensors are all remembered. */
  const remembering = (made: BackendTensor[]): Backend =>
    new Proxy(ctx.backend, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const result = (member as (...a: unknown[]) => unknown).apply(target, args);
          if (typeof result === 'object' && result !== null) made.push(...('dtype' in result ? [result as BackendTensor] : (Object.values(result) as BackendTensor[])));
          return result;
        };
      },
    });

  it.each(Object.keys(calls))('%s leaves nothing but its result', (name) => {
    const run = (): void => {
      const made: BackendTensor[] = [];
      calls[name]!(remembering(made));
      for (const x of made) {
        if (ctx.backend.readSync) ctx.backend.readSync(x);
        ctx.backend.dispose(x);
      }
    };
    run(); // constants are made once and kept
    const before = count();
    run();
    expect(count() - before).toBe(0);
  });

  it('scope keeps what it returns and frees the rest', () => {
    const x = tensor([[1, 2], [3, 4]], { ctx, dtype: 'float32' });
    const f = () => scope(() => mean(matmul(x, x.T).add(1).log().mul(x.square().sum())));
    f()[Symbol.dispose]();
    const before = count();
    const y = f();
    expect(count() - before).toBe(1);
    expect(y.item()).toBeGreaterThan(0);
    y[Symbol.dispose]();
    x[Symbol.dispose]();
  });
  it('stays flat over a loop', () => {
    const step = (): void => scope(() => { tensor([1, 2, 3], { ctx, dtype: 'float32' }).exp().add(1).sum().item(); });
    step();
    const before = count();
    for (let k = 0; k < 50; k++) step();
    expect(count()).toBe(before);
  });
  it('a tensor that was freed says so', () => {
    const x = tensor([1, 2, 3], { ctx, dtype: 'float32' });
    x[Symbol.dispose]();
    x[Symbol.dispose]();
    expect(() => x.exp()).toThrow(TensorError);
    expect(() => x.exp()).toThrow(/freed already/);
  });
});
