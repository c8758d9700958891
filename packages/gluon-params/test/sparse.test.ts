import { valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { CsrTensor, IndexError, RowSparseTensor, ShapeError, type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

describe('RowSparseTensor', () => {
  const x = [[0, 0], [1, 2], [0, 0], [3, 0]];
  it('keeps the rows that are not zero and comes back dense', () => {
    const s = RowSparseTensor.fromDense(x);
    expect([s.shape, s.indices.toArray(), s.values.toArray(), s.toDense().toArray()]).toEqual([[4, 2], [1, 3], [[1, 2], [3, 0]], x]);
    expect(RowSparseTensor.fromDense([[0], [0]]).indices.shape).toEqual([0]);
    expect(`${s}`).toBe('RowSparseTensor([4, 2], 2 rows stored, float64)');
  });
  it('sums rows that are named twice', () => {
    const s = new RowSparseTensor([[1, 1], [2, 2], [3, 3]], [3, 0, 3], [4, 2]);
    expect(s.toDense().toArray()).toEqual([[2, 2], [0, 0], [0, 0], [4, 4]]);
    expect([s.coalesce().indices.toArray(), s.coalesce().values.toArray()]).toEqual([[0, 3], [[2, 2], [4, 4]]]);
  });
  it('retains rows, absent ones stay absent', () => {
    const s = RowSparseTensor.fromDense(x).retain([3, 0]);
    expect([s.indices.toArray(), s.values.toArray()]).toEqual([[3], [[3, 0]]]);
    expect(() => s.retain([4])).toThrow(IndexError);
  });
  it('adds, scales and maps', () => {
    const s = RowSparseTensor.fromDense(x);
    expect(s.add(RowSparseTensor.fromDense([[1, 0], [1, 0], [0, 0], [0, 0]])).toDense().toArray()).toEqual([[1, 0], [2, 2], [0, 0], [3, 0]]);
    expect(s.mul(2).toDense().toArray()).toEqual([[0, 0], [2, 4], [0, 0], [6, 0]]);
    expect(s.map((v) => v.square()).toDense().toArray()).toEqual([[0, 0], [1, 4], [0, 0], [9, 0]]);
    expect(() => s.add(RowSparseTensor.fromDense([[1]]))).toThrow(ShapeError);
  });
  it('refuses parts that do not fit', () => {
    expect(() => new RowSparseTensor([[1, 1]], [0, 1], [4, 2])).toThrow(ShapeError);
    expect(() => new RowSparseTensor([[1, 1]], [[0]], [4, 2])).toThrow(ShapeError);
    expect(() => new RowSparseTensor([[1]], [5], [4, 1]).coalesce()).toThrow(IndexError);
    expect(() => RowSparseTensor.fromDense(3)).toThrow(ShapeError);
  });
  it('is differentiable in its values', () => {
    const [, g] = valueAndGrad((v: Tensor) => new RowSparseTensor(v, [2, 0, 2], [3, 1]).toDense().square().sum())([[1], [2], [3]]);
    // d/dv of (v0 + v2)² + v1².
    expect(g.toArray()).toEqual([[8], [4], [8]]);
  });
});

describe('CsrTensor', () => {
  const x = [[0, 2, 0], [0, 0, 0], [3, 0, 4]];
  it('keeps what is not zero and comes back dense', () => {
    const s = CsrTensor.fromDense(x);
    expect([s.indptr, s.indices, s.values].map((t) => t.toArray())).toEqual([[0, 1, 1, 3], [1, 0, 2], [2, 3, 4]]);
    expect([s.shape, s.rows.toArray(), s.toDense().toArray()]).toEqual([[3, 3], [0, 2, 2], x]);
    expect(`${s.mul(2)}`).toBe('CsrTensor([3, 3], 3 elements stored, float64)');
    expect(s.map((v) => v.square()).toDense().toArray()).toEqual([[0, 4, 0], [0, 0, 0], [9, 0, 16]]);
  });
  it('multiplies matrices and vectors, transposed too', () => {
    const s = CsrTensor.fromDense(x);
    const b = [[1, 2], [3, 4], [5, 6]];
    expect(s.dot(b).toArray()).toEqual([[6, 8], [0, 0], [23, 30]]);
    expect(s.dot([1, 2, 3]).toArray()).toEqual([4, 0, 15]);
    expect(s.dot(b, { transpose: true }).toArray()).toEqual([[15, 18], [2, 4], [20, 24]]);
    expect(CsrTensor.fromDense([[0, 0]]).dot([[1], [2]]).toArray()).toEqual([[0]]);
    expect(() => s.dot([1, 2])).toThrow(/inner dimensions differ, \[3, 3\] · \[2\]/);
  });
  it('refuses parts that make no matrix', () => {
    expect(() => CsrTensor.fromDense([1])).toThrow(ShapeError);
    expect(() => new CsrTensor([1], [0], [0, 1], [3, 3])).toThrow(ShapeError);
    expect(() => new CsrTensor([1], [0], [0, 2, 1, 1], [3, 3]).toDense()).toThrow(IndexError);
    expect(() => new CsrTensor([1], [7], [0, 1, 1, 1], [3, 3]).toDense()).toThrow(IndexError);
  });
  it('is differentiable in its values and in what it multiplies', () => {
    const { indices, indptr } = CsrTensor.fromDense(x);
    const product = valueAndGrad(({ v, b }: { v: Tensor; b: Tensor }) => new CsrTensor(v, indices, indptr, [3, 3]).dot(b).mul([[1], [10], [100]]).sum());
    const [, g] = product({ v: [2, 3, 4], b: [[1], [2], [3]] });
    expect([g.v.toArray(), g.b.toArray()]).toEqual([[2, 100, 300], [[300], [2], [400]]]);
    expect(tensor(x).shape).toEqual([3, 3]);
  });
});
