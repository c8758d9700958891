import { inspect } from 'node:util';
import { cpu } from '@matheron/backend-cpu';
import {
  AsyncFunctionError, Cell, ContextError, DTypeError, IndexError, NotPositiveDefiniteError, ShapeError, SingularMatrixError, type Tensor, add, asTensor, assertPositiveDefinite, cholesky, choleskyInfo, clip,
  concat, currentContext, einsum, enter, eye, flattenTree, full, inv, isfinite, linspace, log, mapTree, maximum, onWarning, oneHot, ones, push, reshape, scope, setDefaultContext, solve, sort, split,
  stack, sum, take, tensor, topK, triangularSolve, warn, where, withContext, zeros,
} from '@matheron/core-tensor';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

beforeEach(() => setDefaultContext(cpu()));

describe('dtypes', () => {
  const [b, i, f, d] = (['bool', 'int32', 'float32', 'float64'] as const).map((dtype) => () => zeros([2], { dtype })) as [() => Tensor, () => Tensor, () => Tensor, () => Tensor];
  it('promotes bool < int32 < float32 < float64', () => {
    expect(add(b(), b()).dtype).toBe('int32');
    expect(add(b(), i()).dtype).toBe('int32');
    expect(add(i(), f()).dtype).toBe('float32');
    expect(add(f(), d()).dtype).toBe('float64');
    expect(add(i(), d()).dtype).toBe('float64');
  });
  it('lets numbers and arrays adopt the dtype beside them, unless their kind is higher', () => {
    expect(add(f(), 1.5).dtype).toBe('float32');
    expect(add(f(), [1.5, 2]).dtype).toBe('float32');
    expect(add(f(), new Float64Array([1, 2])).dtype).toBe('float32');
    expect(add(i(), 1).dtype).toBe('int32');
    expect(add(i(), 1.5).dtype).toBe('float64');
    expect(add(b(), 1).dtype).toBe('int32');
    expect(add(1, 2).dtype).toBe('float64');
    expect(add(true, 2).toArray()).toBe(3);
    expect(withContext(cpu(), () => tensor(new Float32Array([1])).add(1).dtype)).toBe('float32');
  });
  it('takes floats where an operation needs them', () => {
    expect(i().exp().dtype).toBe('float64');
    expect(f().exp().dtype).toBe('float32');
    expect(i().div(2).dtype).toBe('float64');
    expect(i().mean().dtype).toBe('float64');
    expect(tensor([true, false, true]).sum().dtype).toBe('int32');
    expect(tensor([true, false, true]).sum().item()).toBe(2);
    expect(tensor([1.5]).greater(1).dtype).toBe('bool');
    expect(isfinite([1, Infinity]).toArray()).toEqual([true, false]);
  });
  it('keeps the dtype of typed arrays, and of a tensor made from them without a copy', () => {
    for (const array of [new Float64Array(2), new Float32Array(2), new Int32Array(2), new Uint8Array(2)]) expect(tensor(array).dtype).toBe({ 8: 'float64', 4: array instanceof Int32Array ? 'int32' : 'float32', 1: 'bool' }[array.BYTES_PER_ELEMENT]);
    const source = new Float64Array([1, 2]);
    const copied = tensor(source);
    source[0] = 5;
    expect(copied.toArray()).toEqual([1, 2]);
    expect(tensor(new Uint8Array([0, 3])).dataSync()).toEqual(new Uint8Array([0, 1]));
    expect(() => tensor(new Int16Array(2) as never)).toThrow(DTypeError);
  });
  it('takes integers that no int32 holds for floats, as NumPy does', () => {
    const i = tensor(Int32Array.of(1, 2));
    for (const y of [i.mul(3e9), i.mul([3e9, 3e9])]) expect([y.dtype, y.toArray()]).toEqual(['float64', [3e9, 6e9]]);
    expect([i.less(1e300).toArray(), i.greater(-1e10).toArray()]).toEqual([[true, true], [true, true]]);
    expect([i.mul(2147483647).dtype, i.mul(-2147483648).dtype, i.mul(-0).dtype]).toEqual(['int32', 'int32', 'int32']);
  });
  it('wraps int32', () => {
    expect(tensor([2147483647], { dtype: 'int32' }).add(1).item()).toBe(-2147483648);
    expect(tensor([-7, 7], { dtype: 'int32' }).mod(3).toArray()).toEqual([2, 1]);
  });
});

describe('shapes', () => {
  it('broadcasts as NumPy', () => {
    expect(zeros([3, 1, 2]).add(zeros([4, 1])).shape).toEqual([3, 4, 2]);
    expect(() => zeros([3, 2]).add(zeros([3]))).toThrow(/add: shapes \[3, 2\] and \[3\] don't broadcast/);
  });
  it('refuses what does not fit, with both shapes', () => {
    expect(() => zeros([4, 3]).matmul(zeros([5, 2]))).toThrow('matmul: inner dimensions differ, [4, 3] · [5, 2]');
    expect(() => reshape([1, 2, 3], [2, -1])).toThrow(ShapeError);
    expect(reshape(zeros([0, 3]), [0, -1]).shape).toEqual([0, 0]);
    expect(() => zeros([2]).transpose(0, 0)).toThrow(ShapeError);
    expect(() => zeros([2, 2]).sum(2)).toThrow(IndexError);
    expect(() => zeros([2, 2]).sum([0, 0])).toThrow(/named twice/);
    expect(() => zeros([-1])).toThrow(/no shape/);
    expect(() => zeros([2, 3]).item()).toThrow(/not one element/);
    expect(() => concat([])).toThrow(/empty/);
    expect(() => concat([zeros([2, 2]), zeros([3, 3])])).toThrow(/differ beside axis 0/);
    expect(() => split(zeros([5]), 2)).toThrow(/equal parts/);
    expect(() => zeros([2, 0]).max(1)).toThrow(/nothing to take the max/);
    expect(zeros([0, 2]).max(1).shape).toEqual([0]);
  });
  it('names the path of a ragged row', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(/ragged array: \[1\] has length 1/);
    expect(() => tensor([[1, 2], 3])).toThrow(/\[1\] is a number/);
    expect(() => tensor([1, [2]])).toThrow(/ragged/);
    expect(() => tensor([1, 'x' as never])).toThrow(DTypeError);
  });
  it('splits and joins back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 1 }), (sizes, axis) => {
        const n = sizes.reduce((p, q) => p + q, 0);
        const x = linspace(0, 1, n * 3).reshape(...(axis === 0 ? [n, 3] : [3, n]));
        expect(concat(split(x, sizes, axis), axis).toArray()).toEqual(x.toArray());
      }),
    );
  });
  it('stacks along any axis', () => {
    expect(stack([[1, 2], [3, 4]], 1).toArray()).toEqual([[1, 3], [2, 4]]);
    expect(stack([[1, 2], [3, 4]], -1).shape).toEqual([2, 2]);
  });
});

describe('indexing', () => {
  const x = (): Tensor => tensor([[1, 2, 3], [4, 5, 6]]);
  it('refuses an index outside', () => {
    expect(() => x().slice(2)).toThrow(/index 2 is outside axis 0 of size 2/);
    expect(() => x().slice(0, 0, 0)).toThrow(ShapeError);
    expect(() => x().slice([0, 2, 0])).toThrow(/step of a range is 0/);
    expect(() => take(x(), [3], 1)).toThrow(IndexError);
    expect(() => take(x(), [true as never])).toThrow(/bool/);
  });
  it('keeps the first of equals first in topK, and NaN on top', () => {
    const { values, indices } = topK([1, 3, Number.NaN, 3, 2], 4);
    expect(values.toArray()).toEqual([Number.NaN, 3, 3, 2]);
    expect(indices.toArray()).toEqual([2, 1, 3, 4]);
    expect(sort([2, Number.NaN, -0, 0]).indices.toArray()).toEqual([2, 3, 0, 1]);
  });
  it('makes one-hot rows', () => {
    expect(oneHot([0, 2, 5], 3).toArray()).toEqual([[1, 0, 0], [0, 0, 1], [0, 0, 0]]);
    expect(oneHot([1], 2, { dtype: 'bool' }).toArray()).toEqual([[false, true]]);
  });
  it('chooses with where and clips', () => {
    expect(where(x().greater(2), x(), 0).toArray()).toEqual([[0, 0, 3], [4, 5, 6]]);
    expect(where([true, false], 1, 2).toArray()).toEqual([1, 2]);
    expect(clip([-2, 0.5, 3], -1, 1).toArray()).toEqual([-1, 0.5, 1]);
    expect(clip([-2, 3], null, 1).toArray()).toEqual([-2, 1]);
    expect(maximum([1, Number.NaN], 2).toArray()).toEqual([2, Number.NaN]);
  });
});

describe('linear algebra', () => {
  it('throws where it can be read at once, and carries the pivot', async () => {
    const bad = tensor([[1, 2], [2, 1]]);
    expect(() => cholesky(bad)).toThrow(NotPositiveDefiniteError);
    expect(() => cholesky(stack([eye(2), bad]))).toThrow(/pivot 2 of matrix 1/);
    const { factor, info } = choleskyInfo(bad);
    expect(info.item()).toBe(2);
    expect(factor.toArray()).toEqual([[1, 0], [2, Number.NaN]]);
    await expect(assertPositiveDefinite(info, { jitter: 1e-9 })).rejects.toMatchObject({ pivot: 2, jitter: 1e-9, code: 'not-positive-definite' });
    expect(() => solve([[1, 2], [2, 4]], [1, 1])).toThrow(SingularMatrixError);
    expect(() => inv([[1, 2, 3], [4, 5, 6]])).toThrow(/not square/);
    expect(() => triangularSolve(eye(2), [1, 2, 3])).toThrow(/does not fit/);
  });
  it('takes vectors and batches on the right side', () => {
    expect(solve([[2, 0], [0, 4]], [2, 4]).toArray()).toEqual([1, 1]);
    expect(triangularSolve(eye(3), ones([2, 3, 4])).shape).toEqual([2, 3, 4]);
    expect(triangularSolve([[2, 0], [1, 1]], [[2, 3]], { side: 'right' }).toArray()).toEqual([[-0.5, 3]]);
  });
  it('einsum refuses nonsense by name', () => {
    expect(() => einsum('ij,jk', eye(2))).toThrow(/names 2 operands/);
    expect(() => einsum('ij->ik', eye(2))).toThrow(/'k' in the result/);
    expect(() => einsum('i1', eye(2))).toThrow(/no list of letters/);
    expect(() => einsum('ij,jk->ik', eye(2), eye(3))).toThrow(/'j' is 2/);
  });
});

describe('contexts', () => {
  afterEach(() => setDefaultContext(cpu()));
  it('are one object per id and do not mix silently', () => {
    expect(cpu(1)).toBe(cpu(1));
    expect(() => zeros([1], { ctx: cpu(0) }).add(zeros([1], { ctx: cpu(1) }))).toThrow(/cpu\(0\) and cpu\(1\) don't mix/);
    expect(zeros([1], { ctx: cpu(1) }).to(cpu(0)).add(zeros([1])).ctx).toBe(cpu(0));
  });
  it('nest, unwind and refuse promises', () => {
    expect(withContext(cpu(2), () => [currentContext(), withContext(cpu(3), currentContext), currentContext()])).toEqual([cpu(2), cpu(3), cpu(2)]);
    expect(() => withContext(cpu(2), () => Promise.resolve(1))).toThrow(AsyncFunctionError);
    expect(() => withContext(cpu(2), () => { throw new Error('mine'); })).toThrow('mine');
    expect(currentContext()).toBe(cpu(0));
  });
  it('a default may be a function, called once, at first use', () => {
    let calls = 0;
    setDefaultContext(() => { calls++; return cpu(4); });
    expect(calls).toBe(0);
    expect([currentContext(), currentContext()]).toEqual([cpu(4), cpu(4)]);
    expect(calls).toBe(1);
  });
  it('say what to do when there is none', () => {
    setDefaultContext(undefined as never);
    expect(() => zeros([1])).toThrow(ContextError);
    expect(() => zeros([1])).toThrow(/setDefaultContext\(cpu\(\)\)/);
  });
  it('scopes opened by using are closed in order', () => {
    const outer = push('test', { training: true });
    const inner = push('test', { training: false });
    expect(() => outer[Symbol.dispose]()).toThrow(/reverse order/);
    inner[Symbol.dispose]();
    outer[Symbol.dispose]();
    expect(enter('test', { training: true }, () => 1)).toBe(1);
  });
});

describe('values', () => {
  it('are immutable: a Cell is replaced, and counts', () => {
    const cell = new Cell([1, 2]);
    const before = cell.read();
    cell.write(before.add(1));
    expect(before.toArray()).toEqual([1, 2]);
    expect(cell.read().toArray()).toEqual([2, 3]);
    expect(cell.version).toBe(1);
  });
  it('are printed for people', () => {
    expect(String(tensor([[1, -2.5], [Number.NaN, 1e-7]]))).toBe('Tensor([[   1, -2.5],\n        [ NaN, 1e-7]], shape [2, 2], float64, cpu(0))');
    expect(inspect(tensor([true]))).toBe('Tensor([true], shape [1], bool, cpu(0))');
    expect(String(full([], 3))).toBe('Tensor(3, shape [], float64, cpu(0))');
    expect(String(linspace(0, 1999, 2000))).toContain('0, 1, 2, …, 1997, 1998, 1999'.replaceAll(/\b(\d)\b/g, (d) => d.padStart(4)).trim());
    expect(String(zeros([0, 2]))).toBe('Tensor([], shape [0, 2], float64, cpu(0))');
  });
  it('travel as nested arrays', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 }), (rows) => {
        expect(tensor(rows).toArray()).toEqual(rows);
      }),
    );
  });
  it('scope hands on what fn returns', () => {
    expect(scope(() => ({ kept: [log(1)] })).kept[0]!.item()).toBe(0);
  });
  it('can be disposed of', () => {
    using x = tensor([1]);
    expect(x.item()).toBe(1);
  });
});

describe('trees', () => {
  it('take tensors apart and put others in their place', () => {
    const tree = { w: [[1, 2], [3, 4]], rest: [tensor(1), { b: new Float64Array([5]) }] };
    const flat = flattenTree('test', tree);
    expect(flat.paths).toEqual(['.w', '.rest[0]', '.rest[1].b']);
    expect(flat.rebuild(['x', 'y', 'z'])).toEqual({ w: 'x', rest: ['y', { b: 'z' }] });
    expect(mapTree('test', [tensor(1), tensor(2)], (t) => t.mul(2)).map((t) => t.item())).toEqual([2, 4]);
  });
  it('name the leaf that is no tensor', () => {
    expect(() => flattenTree('grad', { a: [tensor(1), 'x'] })).toThrow(/grad: the leaf \.a\[1\] is a string/);
    expect(() => flattenTree('grad', { a: new Date() })).toThrow(/\.a is a Date/);
  });
});

it('warnings go where they are sent', () => {
  const seen: string[] = [];
  const restore = onWarning((w) => seen.push(`${w.code}: ${w.message}`));
  warn('test', 'hello');
  restore();
  expect(seen).toEqual(['test: hello']);
  expect(sum(asTensor('test', [1, 2])).item()).toBe(3);
});
