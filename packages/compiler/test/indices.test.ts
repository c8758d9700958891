import { describe, expect, it } from 'vitest';
import { diagonalOf, identity, isMovement, isUnitReshape, literal, loopAt, through } from '../src/passes/indices.ts';
import { windowOn } from '../src/passes/views.ts';
import { eyeMask, input, newTrace, scalar } from './graphs.ts';

describe('indices through movement', () => {
  const t = newTrace(), x = input(t, 4, 5);
  it('follows permute, slice, broadcast and unit reshape', () => {
    const p = t.permute(x, [1, 0]);
    expect(through(p, identity(p))).toEqual([loopAt(1), loopAt(0)]);
    const s = t.slice(x, [{ start: 3, stop: -1, step: -1 }, { start: 1, stop: 5, step: 2 }]);
    expect(through(s, identity(s))).toEqual([{ loop: 0, step: -1, start: 3 }, { loop: 1, step: 2, start: 1 }]);
    expect(through(s, [literal(2), loopAt(1)])[0]).toEqual(literal(1));
    const twice = t.slice(s, [{ start: 1, stop: 3, step: 1 }, { start: 0, stop: 2, step: 1 }]);
    expect(through(twice.node.call!.inputs[0]!.node.values[0]!, through(twice, identity(twice)))).toEqual([{ loop: 0, step: -1, start: 2 }, { loop: 1, step: 2, start: 1 }]);
    const b = t.broadcastTo(t.reshape(x, [4, 1, 5]), [4, 7, 5]);
    expect(through(b, identity(b))).toEqual([loopAt(0), literal(0), loopAt(2)]);
    const u = t.reshape(x, [4, 1, 5]);
    expect(isUnitReshape(u)).toBe(true);
    expect(through(u, identity(u))).toEqual([loopAt(0), loopAt(2)]);
    expect(isMovement(t.reshape(x, [20]))).toBe(false);
  });
  it('gives windows on memory for calls', () => {
    const v = t.permute(t.slice(x, [{ start: 3, stop: -1, step: -1 }, { start: 1, stop: 5, step: 2 }]), [1, 0]);
    expect(windowOn(x, v)).toEqual({ offset: 16, strides: [2, -5] });
    expect(windowOn(x, t.broadcastTo(t.reshape(x, [1, 4, 5]), [3, 4, 5]))).toEqual({ offset: 0, strides: [0, 5, 1] });
  });
});

describe('diagonals', () => {
  it('are found in sums over a mask', () => {
    const t = newTrace(), x = input(t, 6, 6);
    const sum = t.reduce('sum', t.where(eyeMask(t, 6), x, scalar(t, 0, [6, 6])), [1]);
    expect(diagonalOf(sum, identity(sum))).toEqual({ value: x, at: [loopAt(0), loopAt(0)] });
    const other = t.reduce('sum', t.where(eyeMask(t, 6), x, scalar(t, 1, [6, 6])), [1]);
    expect(diagonalOf(other, identity(other))).toBeUndefined();
    const maximum = t.reduce('max', t.where(eyeMask(t, 6), x, scalar(t, 0, [6, 6])), [1]);
    expect(diagonalOf(maximum, identity(maximum))).toBeUndefined();
  });
  it('are not seen where the index may leave the axis', () => {
    const t = newTrace(), x = input(t, 6, 6), k = t.iota(6, 'int32');
    const shifted = t.binary('add', t.broadcastTo(t.reshape(k, [6, 1]), [6, 6]), t.full(1, [6, 6], 'int32'));
    const mask = t.compare('equal', shifted, t.broadcastTo(t.reshape(k, [1, 6]), [6, 6]));
    const sum = t.reduce('sum', t.where(mask, x, scalar(t, 0, [6, 6])), [1]);
    expect(diagonalOf(sum, identity(sum))).toBeUndefined();
  });
});
