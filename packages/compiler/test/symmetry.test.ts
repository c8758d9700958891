import { expect, it } from 'vitest';
import type { GraphValue } from '@matheron/core-tensor';
import { loopAt } from '../src/passes/indices.ts';
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
