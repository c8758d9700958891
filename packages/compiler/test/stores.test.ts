import { describe, expect, it } from 'vitest';
import { decideStores } from '../src/passes/stores.ts';
import { graphOf, input, newTrace, scalar, squaredDistances } from './graphs.ts';

describe('what is stored', () => {
  it('never a pairwise difference, and the matrix that cholesky reads', () => {
    const t = newTrace(), x = input(t, 200, 3);
    const s = squaredDistances(t, x), k = t.unary('exp', t.unary('neg', s)), { factor } = t.cholesky(k);
    const stores = decideStores(graphOf(t, t.reduce('sum', factor, [0, 1])));
    expect(stores.isStored(k)).toBe(true);
    expect(stores.isStored(s)).toBe(false);
    for (const v of stores.live) if (v.shape.length === 3) expect(stores.isStored(v)).toBe(false);
    expect(stores.stageOf(k)).toBe(0);
    expect(stores.roleOf(factor)).toBe('call');
  });
  it('an expensive value that is needed after a call, not a cheap one', () => {
    const t = newTrace(), x = input(t, 100, 100);
    const e = t.unary('exp', x), cheap = t.binary('add', x, x);
    const p = t.matmul(e, cheap);
    const y = t.binary('mul', p, t.binary('mul', t.binary('mul', p, t.unary('tanh', e)), t.unary('neg', cheap)));
    const stores = decideStores(graphOf(t, y));
    expect(stores.isStored(t.unary('tanh', e))).toBe(true);
    expect(stores.isStored(t.unary('neg', cheap))).toBe(false);
    expect(stores.stageOf(y)).toBe(1);
  });
  it('not a root or a quotient, which are made again in the time that memory takes', () => {
    const t = newTrace(), x = input(t, 100, 100), e = t.unary('exp', x), root = t.unary('sqrt', x), quotient = t.binary('div', e, root);
    const p = t.matmul(x, x);
    const stores = decideStores(graphOf(t, t.binary('mul', p, quotient), t.binary('add', p, root), t.binary('sub', p, e)));
    expect([e, root, quotient].map((v) => stores.isStored(v))).toEqual([true, false, false]);
  });
  it('not what is cheap to make from what is stored', () => {
    const t = newTrace(), x = input(t, 100, 100), e = t.unary('exp', x), r = t.unary('log', x), cheap = t.binary('mul', e, r);
    const p = t.matmul(x, x);
    const uses = [t.binary('mul', p, e), t.binary('add', p, r), t.binary('sub', p, cheap)];
    const stores = decideStores(graphOf(t, ...uses));
    expect([e, r, cheap].map((v) => stores.isStored(v))).toEqual([true, true, false]);
  });
  it('an expensive operand of a large broadcast, once', () => {
    const t = newTrace(), x = input(t, 100);
    const e = t.unary('exp', x), wide = t.broadcastTo(t.reshape(e, [1, 100]), [100, 100]);
    const stores = decideStores(graphOf(t, t.binary('mul', wide, wide)));
    expect(stores.isStored(e)).toBe(true);
  });
  it('reductions over loops, but not diagonals or a few elements', () => {
    const t = newTrace(), x = input(t, 100, 4);
    const few = t.reduce('sum', x, [1]), many = t.reduce('sum', x, [0]);
    const y = t.binary('add', t.unary('exp', few), t.broadcastTo(t.reshape(t.reduce('sum', many, [0]), [1]), [100]));
    const stores = decideStores(graphOf(t, y));
    expect(stores.isStored(few)).toBe(false);
    expect(stores.isStored(many)).toBe(true);
  });
  it('the operand of a reshape that moves elements, which is another name for it', () => {
    const t = newTrace(), x = input(t, 10, 12), e = t.unary('exp', x), flat = t.reshape(e, [120]);
    const stores = decideStores(graphOf(t, t.binary('add', flat, scalar(t, 1, [120]))));
    expect(stores.roleOf(flat)).toBe('alias');
    expect(stores.isStored(e)).toBe(true);
  });
  it('nothing in between where a short expression shares its parts', () => {
    const t = newTrace(), x = input(t, 100);
    let y = x;
    for (let k = 0; k < 40; k++) y = t.binary('mul', t.binary('add', y, x), t.unary('neg', y));
    const stores = decideStores(graphOf(t, y));
    expect(stores.live.filter((v) => stores.isStored(v))).toEqual([x, y]);
  });
  it('a cut in a long chain', () => {
    const t = newTrace();
    let y = input(t, 100);
    for (let k = 0; k < 1000; k++) y = t.unary('sin', y);
    const stores = decideStores(graphOf(t, y));
    const stored = stores.live.filter((v) => stores.isStored(v)).length;
    expect(stored).toBeGreaterThan(3);
    expect(stored).toBeLessThan(8);
  });
});
