import { describe, expect, it } from 'vitest';
import { makeGraph } from '../src/graph.ts';
import { Numbering, formOf } from '../src/passes/numbering.ts';
import { input, newTrace, scalar } from './graphs.ts';

describe('the values of a graph', () => {
  it('are numbered: inputs, then results, each once', () => {
    const t = newTrace(), x = input(t, 3, 3), { factor, info } = t.cholesky(x), y = t.binary('add', factor, x), z = t.unary('exp', info);
    const graph = makeGraph([x], [y, z]), numbering = new Numbering(graph);
    expect(numbering.values).toEqual([x, factor, info, y, z].sort((a, b) => numbering.of(a) - numbering.of(b)));
    numbering.values.forEach((v, k) => expect(numbering.of(v)).toBe(k));
    expect(numbering.of(t.unary('neg', x))).toBe(-1);
    expect(numbering.of(scalar(t, 2))).toBe(-1);
  });
  it('may begin in the middle, at some outputs of a call and not at others', () => {
    const t = newTrace(), x = input(t, 3, 3), { factor, info } = t.cholesky(x), y = t.unary('exp', factor), z = t.unary('neg', info);
    const part = makeGraph([info], [z]);
    expect(part.nodes).toEqual([z.node]);
    expect(new Numbering(part).values).toEqual([info, z]);
    const both = makeGraph([info, x], [z, y]), numbering = new Numbering(both);
    expect(both.nodes).toEqual([z.node, factor.node, y.node]);
    expect([info, x, z, factor, y].map((v) => numbering.of(v))).toEqual([0, 1, 2, 3, 4]);
    expect(makeGraph([factor, info], [y, z]).nodes).toEqual([y.node, z.node]);
  });
});

it('calls that differ in operands alone have one form', () => {
  const t = newTrace(), [a, b, c] = [input(t, 4), input(t, 4), input(t, 5)];
  const sum = t.binary('add', a, b);
  expect(formOf(t.binary('add', sum, b))).toBe(formOf(sum));
  expect(formOf(t.binary('mul', a, b))).not.toBe(formOf(sum));
  expect(formOf(t.binary('add', c, c))).not.toBe(formOf(sum));
  const parts = (n: number): number => formOf(t.concat(Array.from({ length: n }, () => a), 0)).id;
  expect(new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(parts)).size).toBe(10);
  expect(parts(11)).toBe(parts(11));
  expect(formOf(t.concat([a, a, c], 0))).not.toBe(formOf(t.concat([a, c, a], 0)));
});
