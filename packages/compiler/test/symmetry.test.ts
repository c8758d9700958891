import { expect, it } from 'vitest';
import type { GraphValue } from '@matheron/core-tensor';
import { loopAt } from '../src/passes/indices.ts';
import type { Value } from '../src/graph.ts';
import { structuralSymmetry } from '../src/passes/symmetry.ts';
import { eyeMask, input, newTrace, scalar, squaredDistances } from './graphs.ts';

const symmetric = (v: GraphValue): boolean => structuralSymmetry()(v, [loopAt(0), loopAt(1)], v, [loopAt(1), loopAt(0)]);

it('sees that a covariance is symmetric, and what is not', () => {
  const t = newTrace(), x = input(t, 90, 3), a = input(t, 90), m = input(t, 90, 90);
  const s = squaredDistances(t, x), n = [90, 90];
  const row = t.broadcastTo(t.reshape(a, [90, 1]), n), column = t.broadcastTo(t.reshape(a, [1, 90]), n);
  expect(symmetric(s)).toBe(true);
  expect(symmetric(t.where(eyeMask(t, 90), t.unary('exp', s), scalar(t, 2, n)))).toBe(true);
  expect(symmetric(t.binary('mul', row, column))).toBe(true);
  expect(symmetric(t.unary('abs', t.binary('sub', row, column)))).toBe(true);
  expect(symmetric(t.binary('maximum', row, column))).toBe(true);
  expect(symmetric(t.choleskyInverse(m))).toBe(true);
  expect(symmetric(t.binary('sub', row, column))).toBe(false);
  expect(symmetric(t.binary('add', s, row))).toBe(false);
  expect(symmetric(m)).toBe(false);
  expect(symmetric(t.binary('add', m, t.permute(m, [1, 0])))).toBe(true);
  expect(symmetric(t.compare('less', row, column))).toBe(false);
});

it('sees through exact factors of products: halves and signs may stand on either side', () => {
  const t = newTrace(), a = input(t, 90), n = [90, 90];
  const row = (v: Value): Value => t.broadcastTo(t.reshape(v, [90, 1]), n), column = (v: Value): Value => t.broadcastTo(t.reshape(v, [1, 90]), n);
  const scaled = (c: number): Value => t.binary('mul', a, scalar(t, c, [90]));
  expect(symmetric(t.binary('mul', row(scaled(-0.5)), column(a)))).toBe(true);
  expect(symmetric(t.binary('mul', row(t.unary('neg', a)), column(scaled(4))))).toBe(true);
  expect(symmetric(t.binary('mul', t.binary('mul', row(a), scalar(t, 0.25, n)), column(a)))).toBe(true);
  // Elsewhere rounding depends on the order.
  expect(symmetric(t.binary('mul', row(scaled(0.3)), column(a)))).toBe(false);
  expect(symmetric(t.binary('mul', row(scaled(2 ** -100)), column(a)))).toBe(false);
  expect(symmetric(t.binary('mul', row(scaled(2)), column(t.unary('exp', a))))).toBe(false);
});

it('keeps account of signs', () => {
  const t = newTrace(), a = input(t, 90), m = input(t, 90, 90), n = [90, 90];
  const row = t.broadcastTo(t.reshape(a, [90, 1]), n), column = t.broadcastTo(t.reshape(a, [1, 90]), n);
  const d = t.binary('sub', row, column), s = t.unary('square', d), zero = scalar(t, 0, n), one = scalar(t, 1, n);
  const skew = t.unary('sin', t.binary('mul', d, scalar(t, 3, n)));
  expect(symmetric(skew)).toBe(false);
  expect(symmetric(t.binary('mul', skew, d))).toBe(true);
  expect(symmetric(t.binary('div', skew, t.binary('mul', d, s)))).toBe(true);
  expect(symmetric(t.unary('abs', t.binary('add', skew, d)))).toBe(true);
  expect(symmetric(t.binary('mul', t.binary('add', skew, d), t.unary('tanh', d)))).toBe(true);
  expect(symmetric(t.unary('cos', t.unary('neg', d)))).toBe(true);
  expect(symmetric(t.binary('mul', t.where(t.compare('greater', s, one), d, zero), d))).toBe(true);
  expect(symmetric(t.compare('notEqual', d, zero))).toBe(true);
  expect(symmetric(t.unary('isfinite', t.unary('reciprocal', d)))).toBe(true);
  expect(symmetric(t.unary('square', t.reduce('sum', t.binary('mul', t.broadcastTo(t.reshape(d, [90, 90, 1]), [90, 90, 3]), t.broadcastTo(t.reshape(s, [90, 90, 1]), [90, 90, 3])), [2])))).toBe(true);
  expect(symmetric(t.binary('add', s, d))).toBe(false);
  expect(symmetric(t.binary('mul', t.binary('add', d, one), d))).toBe(false);
  expect(symmetric(t.unary('exp', d))).toBe(false);
  expect(symmetric(t.where(t.compare('greater', d, zero), s, zero))).toBe(false);
  expect(symmetric(t.where(t.compare('greater', s, one), d, one))).toBe(false);
  expect(symmetric(t.binary('maximum', d, zero))).toBe(false);
  expect(symmetric(t.reduce('max', t.broadcastTo(t.reshape(d, [90, 90, 1]), [90, 90, 3]), [2]))).toBe(false);
  expect(symmetric(t.binary('mul', d, m))).toBe(false);
});

it('gives up on formulas that are deeper than a stack', () => {
  const t = newTrace(), m = input(t, 90, 90);
  let deep: GraphValue = t.binary('add', m, t.permute(m, [1, 0]));
  for (let k = 0; k < 20; k++) deep = t.unary('tanh', deep as never);
  expect(symmetric(deep)).toBe(true);
  for (let k = 0; k < 20_000; k++) deep = t.binary('add', t.unary('tanh', deep as never), m as never);
  expect(symmetric(deep)).toBe(false);
});
