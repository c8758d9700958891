import { grad, hessian, jvp } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import * as m from '@matheron/core-tensor';
import { type Tensor, setDefaultContext, tensor, where } from '@matheron/core-tensor';
import { expect, it } from 'vitest';

setDefaultContext(cpu());
// Adding 0 turns −0 into 0.
const g = (f: (x: Tensor) => Tensor, x: m.TensorLike): m.NestedArray => grad((t) => f(t).sum())(x).add(0).toArray();
const h = (f: (x: Tensor) => Tensor, x: m.TensorLike): m.NestedArray => hessian((t) => f(t).sum())(x).add(0).toArray();

it('sqrt and norm have 0 at 0, at second order too', () => {
  expect(g((x) => x.sqrt(), [0, 4])).toEqual([0, 0.25]);
  expect(h((x) => x.sqrt(), [0, 4])).toEqual([[0, 0], [0, -0.03125]]);
  expect(g((x) => m.norm(x), [0, 0])).toEqual([0, 0]);
  expect(h((x) => m.norm(x), [0, 0])).toEqual([[0, 0], [0, 0]]);
  expect(g((x) => m.norm(x), [3, 4])).toEqual([expect.closeTo(0.6, 15), expect.closeTo(0.8, 15)]);
});
it('the branch that where does not take hands on nothing, whatever it is', () => {
  const zero = tensor(0);
  expect(g((x) => where(x.greater(0), x.log(), 0), [0, -1, 2])).toEqual([0, 0, 0.5]);
  expect(g((x) => where(x.greater(0), x.sqrt(), 0), [0, -1, 4])).toEqual([0, 0, 0.25]);
  expect(g((x) => where(x.notEqual(0), m.div(1, x), 0), [0, 2])).toEqual([0, -0.25]);
  expect(g((x) => where(x.notEqual(0), x.div(x), 0), [0, 2])).toEqual([0, 0]);
  expect(g((x) => where(x.notEqual(0), x.reciprocal(), 0), [0, 2])).toEqual([0, -0.25]);
  expect(g((x) => where(x.greater(0), x.pow(0.5), 0), [0, -1, 4])).toEqual([0, 0, 0.25]);
  expect(g((x) => where(x.greater(-1), x.log1p(), 0), [-1, 0])).toEqual([0, 1]);
  expect(g((x) => where(x.abs().less(1), x.asin(), 0), [1, 0, -1, 2])).toEqual([0, 1, 0, 0]);
  expect(g((x) => where(x.greater(30), x, x.exp().log1p()), [1000, 0])).toEqual([1, 0.5]);
  expect(g((x) => where(x.greater(0), x, zero.div(0)), [1, 2])).toEqual([1, 1]);
  expect(h((x) => where(x.greater(0), x.log(), 0), [0, 2])).toEqual([[0, 0], [0, -0.25]]);
  expect(h((x) => where(x.greater(0), x.sqrt(), 0), [0, -1])).toEqual([[0, 0], [0, 0]]);
});
it('an infinite derivative that is asked for stays infinite', () => {
  expect(g((x) => x.log(), [0])).toEqual([Infinity]);
  expect(g((x) => x.reciprocal(), [0])).toEqual([-Infinity]);
  expect(g((x) => x.exp(), [1000])).toEqual([Infinity]);
  expect(jvp((x: Tensor) => x.log(), tensor([0]), [1])[1].toArray()).toEqual([Infinity]);
});
it('a gradient that happens to be 0 is not mistaken for a branch that is off', () => {
  // f = (log x)² has f′(1) = 0 and f″(1) = 2.
  expect(h((x) => x.log().square(), [1])).toEqual([[2]]);
  expect(h((x) => x.sqrt().sub(1).square(), [1])).toEqual([[0.5]]);
  expect(h((x) => x.reciprocal().sub(1).square(), [1])).toEqual([[2]]);
});
it('ties share equally', () => {
  expect(g((x) => x.max(), [2, 1, 2, 2])).toEqual([1 / 3, 0, 1 / 3, 1 / 3]);
  expect(g((x) => x.min(1), [[1, 1], [0, 3]])).toEqual([[0.5, 0.5], [1, 0]]);
  expect(g((x) => x.maximum(0), [0, 1, -1])).toEqual([0.5, 1, 0]);
  expect(g((x) => x.maximum(x), [5])).toEqual([1]);
});
it('pow', () => {
  expect(g((x) => x.pow(2), [0, -3])).toEqual([0, -6]);
  expect(g((x) => x.pow(0), [0, 2])).toEqual([0, 0]);
  expect(g((x) => m.pow(0, x), [2])).toEqual([0]);
  expect(g((x) => m.pow(2, x), [3])).toEqual([8 * Math.LN2]);
  expect(h((x) => x.pow(3), [0, 2])).toEqual([[0, 0], [0, 12]]);
});
it('atan2 has 0 at the origin; abs, sign, relu and steps have 0', () => {
  expect(g((x) => x.atan2(x.mul(2)), [0])).toEqual([0]);
  expect(g((x) => x.sign().add(x.floor()).add(x.round()).add(x.ceil()).add(x.trunc()), [0.2, 0])).toEqual([0, 0]);
  expect(g((x) => x.abs().add(x.relu()), [0])).toEqual([0]);
});
it('eigenvalues and singular values alone need no distinct spectrum', () => {
  expect(grad((a: Tensor) => m.eigh(a).values.sum())(m.eye(3)).toArray()).toEqual([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  expect(grad((a: Tensor) => m.svd(a).s.sum())(m.eye(2)).toArray()).toEqual([[1, 0], [0, 1]]);
  expect(grad((a: Tensor) => m.eigh(a).vectors.sum())(m.eye(2)).dataSync().some(Number.isNaN)).toBe(true);
});
it('a failed Cholesky gives NaN gradients, not wrong ones', () => {
  expect(grad((a: Tensor) => m.choleskyInfo(a).factor.sum())([[1, 2], [2, 1]]).dataSync().every(Number.isNaN)).toBe(true);
});
it('detach is a constant at every level', () => {
  expect(g((x) => x.mul(x.detach()), [3])).toEqual([3]);
  expect(h((x) => x.square().mul(x.detach()), [3])).toEqual([[6]]);
});
it('works in float32', () => {
  const x = tensor(new Float32Array([0.5, 2]));
  const y = grad((t: Tensor) => t.log().mul(t).add(t.pow(3)).sum())(x);
  expect(y.dtype).toBe('float32');
  expect(y.dataSync()[1]).toBeCloseTo(Math.log(2) + 1 + 12, 5);
  expect(grad((t: Tensor) => t.astype('float64').square().sum())(x).dtype).toBe('float32');
});
