import { describe, expect, it } from 'vitest';
import { type Value, graphText } from '../src/graph.ts';
import { graphOf, input, newTrace, scalar } from './graphs.ts';

describe('a trace', () => {
  it('gives equal calls one node, whatever the order of commuting operands', () => {
    const t = newTrace(), x = input(t, 3), y = input(t, 3);
    expect(t.binary('add', x, y)).toBe(t.binary('add', y, x));
    expect(t.binary('sub', x, y)).not.toBe(t.binary('sub', y, x));
    expect(t.unary('exp', t.binary('mul', x, y))).toBe(t.unary('exp', t.binary('mul', y, x)));
  });
  it('tells apart what prints alike', () => {
    const t = newTrace();
    expect(scalar(t, 0)).not.toBe(scalar(t, -0));
    expect(scalar(t, NaN)).not.toBe(scalar(t, Infinity));
    expect(scalar(t, NaN)).toBe(scalar(t, NaN));
    expect(t.upload(Float64Array.of(0), [1], 'float64')).not.toBe(t.upload(Float64Array.of(-0), [1], 'float64'));
  });
  it('holds numbers as tensors of their dtype do', () => {
    const t = newTrace();
    expect(t.full(0.1, [3], 'float32')).toBe(t.full(Math.fround(0.1), [3], 'float32'));
    expect(t.full(1e-300, [], 'float32')).toBe(t.full(0, [], 'float32'));
    expect(t.full(-1e300, [], 'float32')).toBe(t.full(-Infinity, [], 'float32'));
    expect(t.full(2 ** 32 + 5, [], 'int32')).toBe(t.full(5, [], 'int32'));
    expect(t.full(0.1, [], 'float64')).not.toBe(t.full(Math.fround(0.1), [], 'float64'));
  });
  it('drops what changes nothing, exactly', () => {
    const t = newTrace(), x = input(t, 2, 3), one = scalar(t, 1, [2, 3]), zero = scalar(t, 0, [2, 3]);
    expect(t.binary('mul', x, one)).toBe(x);
    expect(t.binary('div', x, one)).toBe(x);
    expect(t.binary('sub', x, zero)).toBe(x);
    expect(t.binary('add', x, zero)).not.toBe(x); // −0 + 0 is 0
    expect(t.binary('mul', x, zero)).not.toBe(zero); // Infinity · 0 is NaN
    expect(t.unary('neg', t.unary('neg', x))).toBe(x);
    expect(t.permute(t.permute(x, [1, 0]), [1, 0])).toBe(x);
    expect(t.reshape(t.reshape(x, [6]), [2, 3])).toBe(x);
    expect(t.slice(x, [{ start: 0, stop: 2, step: 1 }, { start: 0, stop: 3, step: 1 }])).toBe(x);
    expect(t.slice(x, [{ start: 0, stop: 2, step: 1 }, { start: 2, stop: -1, step: -1 }])).not.toBe(x);
    expect(t.concat([x], 0)).toBe(x);
    expect(t.cast(x, 'float64')).toBe(x);
    expect(t.binary('add', x, t.unary('neg', one))).toBe(t.binary('add', x, scalar(t, -1, [2, 3])));
  });
  it('decides what does not depend on inputs', () => {
    const t = newTrace(), x = t.input([3], 'bool').value, two = scalar(t, 2, [3]), three = scalar(t, 3, [3]), nan = scalar(t, NaN, [3]);
    const yes = t.full(1, [3], 'bool'), no = t.full(0, [3], 'bool');
    expect([t.compare('less', two, three), t.compare('greaterEqual', two, three), t.compare('equal', nan, nan), t.compare('notEqual', nan, nan)]).toEqual([yes, no, no, yes]);
    expect([t.binary('logicalOr', x, yes), t.binary('logicalOr', no, x), t.binary('logicalAnd', yes, x), t.binary('logicalAnd', x, no)]).toEqual([yes, x, x, no]);
    expect(t.binary('logicalXor', x, yes)).not.toBe(x);
  });
  it('writes an outer product as one, elementwise', () => {
    const t = newTrace(), a = input(t, 5, 70, 1), b = input(t, 5, 1, 80);
    const text = graphText(graphOf(t, t.matmul(a, b)));
    expect(text).toContain('mul(');
    expect(text).not.toContain('matmul(');
    expect(t.matmul(a, b).shape).toEqual([5, 70, 80]);
    expect(graphText(graphOf(t, t.matmul(input(t, 70, 2), input(t, 2, 80))))).toContain('matmul(');
  });
  it('writes sums of parts with zeros around them as concatenations', () => {
    const t = newTrace(), [a, b, c] = [input(t, 2, 3), input(t, 2, 4), input(t, 2, 5)];
    const at = (x: Value, low: number, size = 12, value = 0): Value => t.pad(x, [{ low: 0, high: 0, interior: 0 }, { low, high: size - low - x.shape[1]!, interior: 0 }], value);
    const all = t.concat([a, b, c], 1);
    expect(t.binary('add', t.binary('add', at(a, 0), at(b, 3)), at(c, 7))).toBe(all);
    expect(t.binary('add', at(c, 7), t.binary('add', at(b, 3), at(a, 0)))).toBe(all);
    expect(t.binary('add', at(a, 1, 14), at(b, 4, 14))).toBe(at(t.concat([a, b], 1), 1, 14));
    // Gaps, overlaps, other sums, other values and other axes stay.
    const kindOf = (v: Value): string => v.node.call!.kind;
    expect(kindOf(t.binary('add', at(a, 0), at(c, 7)))).toBe('binary');
    expect(kindOf(t.binary('add', at(a, 0), at(b, 2)))).toBe('binary');
    expect(kindOf(t.binary('mul', at(a, 0), at(b, 3)))).toBe('binary');
    expect(kindOf(t.binary('add', at(a, 0, 12, 1), at(b, 3, 12, 1)))).toBe('binary');
    expect(kindOf(t.binary('add', t.pad(a, [{ low: 0, high: 2, interior: 0 }, { low: 0, high: 3, interior: 0 }], 0), t.pad(a, [{ low: 2, high: 0, interior: 0 }, { low: 3, high: 0, interior: 0 }], 0)))).toBe('binary');
    expect(t.binary('add', at(a, 3), at(a, 3))).toBe(t.binary('add', at(a, 3), at(a, 3)));
  });
  it('folds constants in their dtype', () => {
    const t = newTrace();
    const text = (dtype: 'float64' | 'float32'): string => graphText(graphOf(t, t.binary('mul', t.full(0.1, [], dtype), t.full(0.2, [], dtype))));
    expect(text('float64')).toContain(`value=${0.1 * 0.2}`);
    expect(text('float32')).toContain(`value=${Math.fround(Math.fround(0.1) * Math.fround(0.2))}`);
    expect(graphText(graphOf(t, t.binary('mul', t.full(2, [], 'int32'), t.full(3, [], 'int32'))))).toContain('mul(');
  });
});
