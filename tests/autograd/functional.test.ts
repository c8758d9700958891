import { autodiff, customGradient, grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import {
  AsyncFunctionError, Cell, Context, DTypeError, MatheronError, ShapeError, type Tensor, asTensor, currentFrame, exp, setDefaultContext, tensor,
} from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

describe('grad', () => {
  it('of trees, typed and shaped alike', () => {
    const [value, g] = valueAndGrad((w: { a: Tensor; b: Tensor[] }, x: Tensor) => w.a.mul(x).add(w.b[0]!).sum().add(w.b[1]!.square().sum()))({ a: 2, b: [tensor([1, 1]), tensor(3)] }, tensor([3, 4]));
    expect(value.item()).toBe(25);
    expect([g.a.toArray(), g.b[0]!.toArray(), g.b[1]!.toArray()]).toEqual([7, [1, 1], 6]);
  });
  it('hands auxiliary results back as they are', () => {
    const [value, g, aux] = valueAndGrad((w: Tensor) => [w.square().sum(), { r: w.sub(1), name: 'r', list: [w, 7], empty: null }] as const, { aux: true })([1, 2]);
    expect([value.item(), g.toArray(), aux.r.toArray(), aux.name, (aux.list[0] as Tensor).toArray(), aux.list[1], aux.empty]).toEqual([5, [2, 4], [0, 1], 'r', [1, 2], 7, null]);
    expect(() => new Cell(aux.r)).not.toThrow();
  });
  it('nests, also over closures', () => {
    expect(grad((x: Tensor) => grad((z: Tensor) => z.pow(3))(x))(2).item()).toBe(12);
    expect(grad((x: Tensor) => grad((y: Tensor) => grad((z: Tensor) => z.pow(4))(y))(x))(1).item()).toBe(24);
    // d/dx [x · d/dy (x y²)] = d/dx [2 x² y]
    expect(grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y.square()))(3)))(2).item()).toBe(24);
    // an inner gradient that does not depend on the outer variable
    expect(grad((x: Tensor) => x.mul(grad((y: Tensor) => y.square())(5)))(2).item()).toBe(10);
  });
  it('gives zeros where nothing depends on the argument', () => {
    expect(grad((_x: Tensor) => tensor(3))([1, 2]).toArray()).toEqual([0, 0]);
    expect(grad((x: { a: Tensor; b: Tensor }) => x.a.square())({ a: 2, b: [1, 1] }).b.toArray()).toEqual([0, 0]);
  });
  it('refuses what it can not differentiate, and unwinds', () => {
    expect(() => grad((x: Tensor) => x)([1, 2])).toThrow(ShapeError);
    expect(() => grad((x: Tensor) => x.greater(0))(1)).toThrow(DTypeError);
    expect(() => grad((x: Tensor) => x.sum())(tensor(new Int32Array([1])))).toThrow(DTypeError);
    expect(() => grad((() => 3) as never)(1 as never)).toThrow(MatheronError);
    expect(() => grad((async (x: Tensor) => x) as never)(1 as never)).toThrow(AsyncFunctionError);
    expect(() => grad((x: Tensor) => x)('a' as never)).toThrow(/the leaf at the root is a string/);
    expect(currentFrame().levels).toEqual([]);
  });
  it('sees Cells that the function writes', () => {
    const cell = new Cell(tensor(0));
    const f = (x: Tensor): Tensor => {
      cell.write(x.square());
      return cell.read().mul(x);
    };
    expect(grad(f)(2).item()).toBe(12);
    expect(cell.read().item()).toBe(4);
    expect(cell.read().add(1).item()).toBe(5);
  });
  it('walks a graph of 100,000 steps', () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let k = 0; k < 100_000; k++) y = y.add(x);
      return y;
    };
    expect(grad(f)(1).item()).toBe(100_001);
  });
});

describe('vjp, jvp, jacobian, hessian, hvp', () => {
  const f = (x: Tensor): Tensor => x.mul(x.sum()).sin();
  it('vjp may be pulled back again', () => {
    const [value, pullback] = vjp((x: Tensor) => x.square(), [1, 2, 3]);
    expect([value.toArray(), pullback([1, 0, 0]).toArray(), pullback([0, 1, 1]).toArray(), pullback(1).toArray()]).toEqual([[1, 4, 9], [2, 0, 0], [0, 4, 6], [2, 4, 6]]);
  });
  it('jvp of a tree', () => {
    const [value, tangent] = jvp((p: { a: Tensor; b: Tensor }) => p.a.mul(p.b), { a: [1, 2], b: [3, 4] }, { a: [1, 0], b: [0, 1] });
    expect([value.toArray(), tangent.toArray()]).toEqual([[3, 8], [3, 2]]);
    expect(jvp((_x: Tensor) => tensor([3, 4]), [1], [1])[1].toArray()).toEqual([0, 0]);
    expect(() => jvp((p: { a: Tensor }) => p.a, { a: 1 }, { b: 1 } as never)).toThrow(/\.b, the argument \.a/);
  });
  it('jacobian, wide and tall', () => {
    const wide = jacobian((x) => x.slice([null, 2]).mul(x.slice([2, 4])))([1, 2, 3, 4]);
    expect(wide.toArray()).toEqual([[3, 0, 1, 0], [0, 4, 0, 2]]);
    const tall = jacobian((x) => x.reshape(2, 1).mul([[1, 2]]).square())([1, 2]);
    expect(tall.shape).toEqual([2, 2, 2]);
    expect(tall.toArray()).toEqual([[[2, 0], [8, 0]], [[0, 4], [0, 16]]]);
    expect(jacobian((x) => x.reshape(2, 2))(([1, 2, 3, 4])).shape).toEqual([2, 2, 4]);
    expect(jacobian((x) => x.square())(3).toArray()).toBe(6);
  });
  it('hessian, and its product', () => {
    const rosenbrock = (x: Tensor): Tensor => x.slice(1).sub(x.slice(0).square()).square().mul(100).add(x.slice(0).sub(1).square());
    expect(hessian(rosenbrock)([1, 2]).toArray()).toEqual([[402, -400], [-400, 200]]);
    expect(hvp(rosenbrock)([1, 2], [1, 1]).toArray()).toEqual([2, -200]);
    const g = hvp((p: { a: Tensor; b: Tensor }) => p.a.square().mul(p.b).sum())({ a: [1, 2], b: 3 }, { a: [1, 0], b: 1 });
    expect([g.a.toArray(), g.b.toArray()]).toEqual([[8, 4], 2]);
  });
  it('third derivatives by nesting', () => {
    expect(jacobian(hessian((x) => x.pow(4).sum()))([1, 2]).dataSync()).toEqual(new Float64Array([24, 0, 0, 0, 0, 0, 0, 48]));
    expect(hessian((x) => jvp((z: Tensor) => f(z).sum(), x, [1, 0])[1])([0.3, 0.5]).shape).toEqual([2, 2]);
  });
});

describe('customGradient', () => {
  const logCosh = customGradient({
    forward: (x: Tensor) => {
      const a = x.abs();
      return [a.add(a.mul(-2).exp().log1p()).sub(Math.LN2), x.tanh()];
    },
    backward: (g, { kept: [t] }) => [g.mul(t)],
  });
  it('is used, and its kept tensors stay differentiable', () => {
    expect(logCosh(0.5).item()).toBeCloseTo(Math.log(Math.cosh(0.5)), 15);
    expect(grad((x: Tensor) => logCosh(x))(0.5).item()).toBeCloseTo(Math.tanh(0.5), 15);
    expect(grad((x: Tensor) => grad((z: Tensor) => logCosh(z))(x))(0.5).item()).toBeCloseTo(1 - Math.tanh(0.5) ** 2, 15);
    const third = grad((x: Tensor) => grad((y: Tensor) => grad((z: Tensor) => logCosh(z))(y))(x))(0.5).item();
    expect(third).toBeCloseTo(-2 * Math.tanh(0.5) * (1 - Math.tanh(0.5) ** 2), 14);
    expect(jvp((x: Tensor) => logCosh(x), [0.5], [2])[1].toArray()).toEqual([expect.closeTo(2 * Math.tanh(0.5), 15)]);
  });
  it('is believed, even where it is wrong', () => {
    const odd = customGradient({ forward: (x: Tensor) => [x.square()], backward: (g, { inputs: [x], output }) => [g.mul(x).mul(100).add(output.mul(0))] });
    expect(grad((x: Tensor) => odd(x).mul(2))(3).item()).toBe(600);
    expect(grad((x: Tensor) => grad((z: Tensor) => odd(z))(x))(3).item()).toBe(100);
  });
  it('takes undefined, numbers beside tensors, and checks shapes', () => {
    const scaled = customGradient({ forward: (x: Tensor, s: Tensor) => [x.mul(s)], backward: (g, { inputs: [, s] }) => [g.mul(s), undefined] });
    const g = grad((p: { x: Tensor; s: Tensor }) => scaled(p.x, p.s))({ x: 2, s: 5 });
    expect([g.x.item(), g.s.item()]).toEqual([5, 0]);
    expect(scaled(tensor(new Float32Array([1.5])), 2).dtype).toBe('float32');
    const bad = customGradient({ forward: (x: Tensor) => [x.mul(2)], backward: (g) => [g.sum()] });
    expect(() => grad((x: Tensor) => bad(x).sum())([1, 2])).toThrow(ShapeError);
  });
  it('runs grad inside forward, and closes over outer variables', () => {
    const slope = customGradient({ forward: (x: Tensor) => [grad((z: Tensor) => z.pow(3))(x)], backward: (g, { inputs: [x] }) => [g.mul(x).mul(6)] });
    expect(grad((x: Tensor) => slope(x))(2).item()).toBe(12);
    expect(grad((x: Tensor) => grad((z: Tensor) => slope(z))(x))(2).item()).toBe(6);
    const f = (x: Tensor): Tensor => grad((y: Tensor) => customGradient({ forward: (t: Tensor) => [t.mul(x)], backward: (g) => [g.mul(x)] })(y))(3);
    expect(grad(f)(2).item()).toBe(1);
  });
  it('sees Cells below its level', () => {
    const cell = new Cell(tensor(4));
    const f = customGradient({ forward: (x: Tensor) => [x.mul(cell.read())], backward: (g) => [g.mul(cell.read())] });
    expect(grad((x: Tensor) => f(x))(2).item()).toBe(4);
  });
});

describe('autodiff as a backend', () => {
  it('stands under a context of its own', () => {
    const ctx = new Context('tracked', 0, autodiff(autodiff(cpu().backend)));
    const x = tensor([1, 2], { ctx });
    const c = customGradient({ forward: (t: Tensor) => [t.mul(tensor(2, { ctx }))], backward: (g) => [g.mul(tensor(2, { ctx }))] });
    expect(grad((t: Tensor) => exp(t).mul(c(t)).sum())(x).toArray()).toEqual([4 * Math.E, 6 * Math.E ** 2].map((v) => expect.closeTo(v, 12) as number));
    expect(asTensor('test', x).ctx).toBe(ctx);
  });
});

it('takes the empty tensor for a Jacobian', () => {
  expect(jacobian((x: Tensor) => x.mul(2))([]).shape).toEqual([0, 0]);
  expect(() => jacobian((x: Tensor) => x)({ a: 1 } as never)).toThrow(DTypeError);
});

it('says what the parts of a customGradient must return', () => {
  const through = (forward: unknown, backward: unknown) => () => grad((x: Tensor) => customGradient({ forward, backward } as never)(x).sum())([1, 2]);
  expect(through((x: Tensor) => x.exp(), (g: Tensor) => [g])).toThrow(/forward must return an array of tensors/);
  for (const backward of [(g: Tensor) => g, () => [], () => [3], () => undefined]) {
    expect(through((x: Tensor) => [x.exp()], backward)).toThrow(MatheronError);
    expect(through((x: Tensor) => [x.exp()], backward)).toThrow(/each of the 1 inputs/);
  }
});
