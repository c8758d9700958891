import { valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, setDefaultContext, square, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { minimize } from '../src/index.ts';

setDefaultContext(cpu());

const rosenbrock = (x: Tensor): Tensor => x.slice(1).sub(square(x.slice(0))).square().mul(100).add(x.slice(0).sub(1).square());

describe('minimize', () => {
  it('minimizes a function of one tensor', async () => {
    const best = await minimize(valueAndGrad(rosenbrock), [-1.2, 1]);
    expect(best).toMatchObject({ converged: true, iterations: 36, evaluations: 44 });
    best.x.toArray<number[]>().forEach((v) => expect(v).toBeCloseTo(1, 5));
  });
  it('minimizes over a tree within bounds for some leaves', async () => {
    const objective = valueAndGrad((p: { w: Tensor; s: Tensor }) => p.w.sub([1, 2]).div(p.s).square().sum().add(p.s.log()));
    const best = await minimize(objective, { w: [0, 0], s: 1 }, { bounds: { s: [1e-3, 1e3] } });
    expect(best.reason).toBe('gradient');
    expect(best.x.s.item()).toBe(1e-3);
    best.x.w.toArray<number[]>().forEach((v, k) => expect(v).toBeCloseTo(k + 1, 6));
    expect(best.value).toBeCloseTo(Math.log(1e-3), 6);
    expect(best.gradient.w.shape).toEqual([2]);
  });
  it('takes bounds that broadcast, asynchronous objectives and float32', async () => {
    const f = valueAndGrad((x: Tensor) => x.square().sum());
    const best = await minimize(async (x: Tensor) => f(x), tensor([3, 4], { dtype: 'float32' }), { bounds: [[1, -1], Infinity] });
    const [a, b] = best.x.toArray<number[]>();
    expect(a).toBe(1);
    expect(b).toBeCloseTo(0, 5);
    expect(best.x.dtype).toBe('float32');
  });
  it('rejects bad bounds, trees and objectives', async () => {
    const f = valueAndGrad((x: { a: Tensor }) => x.a.square().sum());
    // @ts-expect-error no leaf of that name
    await expect(minimize(f, { a: 1 }, { bounds: { b: [0, 1] } })).rejects.toThrow(ArgumentError);
    await expect(minimize(f, { a: 1 }, { bounds: { a: [0] as never } })).rejects.toThrow(/pair/);
    await expect(minimize(f, { a: 'x' as never })).rejects.toThrow(/minimize/);
    await expect(minimize((x: { a: Tensor }) => [x.a, x], { a: [1, 2] })).rejects.toThrow(/one number/);
    await expect(minimize((x: { a: Tensor }) => [x.a.sum(), { b: x.a } as never], { a: [1, 2] })).rejects.toThrow(/leaves/);
  });
});
