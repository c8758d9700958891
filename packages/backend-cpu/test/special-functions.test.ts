/** The special functions against mpmath (tooling/oracle/special_functions.py), in units in the last place. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  digamma, erf, erfc, erfcx, erfinv, lgamma, logNormalCdf, logSigmoid, sigmoid, softplus,
} from '../src/numerics/index.ts';
import { decode, ulpDistance } from './ulps.ts';

type Row = readonly [x: number | string, y: number | string];

const fixtures = JSON.parse(readFileSync(new URL('./fixtures/special-functions.json', import.meta.url), 'utf8')) as Record<string, readonly Row[]>;

const functions: Record<string, { f: (x: number) => number; ulps: number; absoluteBelow?: number }> = {
  erf: { f: erf, ulps: 1 },
  erfc: { f: erfc, ulps: 3 },
  erfcx: { f: erfcx, ulps: 3 },
  erfinv: { f: erfinv, ulps: 2 },
  // Between its negative poles both have zeros, near which terms of order one cancel.
  lgamma: { f: lgamma, ulps: 3, absoluteBelow: -2 },
  digamma: { f: digamma, ulps: 4, absoluteBelow: 0 },
  logNormalCdf: { f: logNormalCdf, ulps: 4 },
  softplus: { f: softplus, ulps: 1 },
  sigmoid: { f: sigmoid, ulps: 2 },
  logSigmoid: { f: logSigmoid, ulps: 1 },
};

test('every fixture has its function and the reverse', () => {
  expect(Object.keys(fixtures).sort()).toEqual(Object.keys(functions).sort());
});

describe.each(Object.entries(functions))('%s', (name, { f, ulps, absoluteBelow = -Infinity }) => {
  const rows = fixtures[name] ?? [];
  test(`is within ${ulps} ulp of mpmath`, () => {
    expect(rows.length).toBeGreaterThan(150);
    const failures = rows
      .map(([x, y]) => ({ x: decode(x), expected: decode(y), actual: f(decode(x)) }))
      .filter(({ x, expected, actual }) => {
        if (x < absoluteBelow && Math.abs(expected) < 4 && Number.isFinite(actual)) return !(Math.abs(actual - expected) <= ulps * 2 ** -52);
        return !(ulpDistance(actual, expected) <= ulps);
      });
    expect(failures).toEqual([]);
  });
});

test('odd functions keep the sign of zero', () => {
  expect(erf(-0)).toBe(-0);
  expect(erfinv(-0)).toBe(-0);
});

test('zeros at representable points are exact', () => {
  expect([lgamma(1), lgamma(2)]).toEqual([0, 0]);
  expect(Math.abs(digamma(1.4616321449683622))).toBeLessThan(2e-16);
});

test('extreme arguments neither overflow early nor lose the sign', () => {
  expect([softplus(1e308), logSigmoid(-1e308), sigmoid(-1e4), sigmoid(1e4)]).toEqual([1e308, -1e308, 0, 1]);
  expect([erfcx(-26.5), erfcx(-27)].map(Number.isFinite)).toEqual([true, false]);
  expect(lgamma(1e308)).toBe(Infinity);
});
