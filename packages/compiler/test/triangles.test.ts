import { describe, expect, it } from 'vitest';
import type { GraphValue, Triangle } from '@matheron/core-tensor';
import type { Value } from '../src/graph.ts';
import { knownTriangles } from '../src/passes/triangles.ts';
import { makeTemplate } from '../src/passes/template.ts';
import type { Trace } from '../src/trace.ts';
import { eyeMask, graphOf, input, newTrace, scalar } from './graphs.ts';

const triangle = (v: GraphValue, given: readonly GraphValue[] = []): Triangle | undefined => knownTriangles((x) => given.includes(x))(v);

/** x where row `op` column + offset, 0 elsewhere. */
function masked(t: Trace, x: Value, op: 'less' | 'lessEqual' | 'greater' | 'greaterEqual' | 'equal', offset = 0, columnFirst = false): Value {
  const [m, n] = x.shape as [number, number];
  const row = t.broadcastTo(t.reshape(t.iota(m, 'int32'), [m, 1]), [m, n]);
  const column = t.broadcastTo(t.reshape(t.binary('add', t.iota(n, 'int32'), t.full(offset, [n], 'int32')), [1, n]), [m, n]);
  return t.where(columnFirst ? t.compare(op, column, row) : t.compare(op, row, column), x as never, scalar(t, 0, [m, n]));
}

describe('triangles', () => {
  it('of masks, with offsets, whichever index comes first', () => {
    const t = newTrace(), x = input(t, 90, 70);
    expect(triangle(masked(t, x, 'greaterEqual'))).toBe('lower');
    expect(triangle(masked(t, x, 'greater'))).toBe('lower');
    expect(triangle(masked(t, x, 'greater', -1))).toBe('lower');
    expect(triangle(masked(t, x, 'greater', -2))).toBeUndefined();
    expect(triangle(masked(t, x, 'greaterEqual', 3))).toBe('lower');
    expect(triangle(masked(t, x, 'greaterEqual', -1))).toBeUndefined();
    expect(triangle(masked(t, x, 'lessEqual'))).toBe('upper');
    expect(triangle(masked(t, x, 'less', 1))).toBe('upper');
    expect(triangle(masked(t, x, 'less', 2))).toBeUndefined();
    expect(triangle(masked(t, x, 'lessEqual', 0, true))).toBe('lower');
    expect(triangle(masked(t, x, 'greaterEqual', 0, true))).toBe('upper');
    expect(triangle(masked(t, x, 'equal', 2))).toBe('lower');
    expect(triangle(masked(t, x, 'equal', -2))).toBe('upper');
    expect(triangle(x)).toBeUndefined();
  });
  it('of factors and of what keeps them', () => {
    const t = newTrace(), a = input(t, 90, 90), { factor } = t.cholesky(a), low = masked(t, a, 'greaterEqual'), up = masked(t, a, 'lessEqual');
    expect(triangle(factor)).toBe('lower');
    expect(triangle(t.permute(factor, [1, 0]))).toBe('upper');
    expect(triangle(t.unary('neg', t.binary('add', factor, low as never)))).toBe('lower');
    expect(triangle(t.binary('add', factor, up as never))).toBeUndefined();
    expect(triangle(t.unary('exp', factor))).toBeUndefined();
    expect(triangle(t.matmul(factor, low as never))).toBe('lower');
    expect(triangle(t.matmul(factor, up as never))).toBeUndefined();
    const solve = { lower: true, transpose: false, unitDiagonal: false, side: 'left' as const };
    expect(triangle(t.triangularSolve(factor, low as never, solve))).toBe('lower');
    expect(triangle(t.triangularSolve(factor, low as never, { ...solve, transpose: true }))).toBeUndefined();
    expect(triangle(t.triangularSolve(factor, up as never, { ...solve, transpose: true }))).toBe('upper');
    expect(triangle(t.where(eyeMask(t, 90), a, scalar(t, 1, [90, 90])))).toBeUndefined();
    // What comes from outside may be anything.
    expect(triangle(t.permute(factor, [1, 0]), [factor])).toBeUndefined();
  });
  it('are told to products', () => {
    const t = newTrace(), a = input(t, 90, 90), b = input(t, 90, 90), { factor } = t.cholesky(a);
    const { steps } = makeTemplate(graphOf(t, t.matmul(t.permute(factor, [1, 0]), b)), { triangular: true });
    const step = steps.find((s) => s.kind === 'call' && s.triangles.length > 0);
    expect(step?.kind === 'call' && step.triangles).toEqual(['upper', undefined]);
    expect(step?.summary.name).toBe('matmul, upper × full');
  });
});
