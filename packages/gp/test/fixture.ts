import { valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, setDefaultContext } from '@matheron/core-tensor';
import { type Hyperparameter, type ParameterizedBlock } from '@matheron/gp-kernels';
import { withParameterData } from '@matheron/gluon-params';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

setDefaultContext(cpu());

/* eslint-disable @typescript-eslint/no-explicit-any -- fixtures are untyped JSON */
export type Json = any;

const folder = process.env['MATHERON_GPAUTOGRAD_FIXTURES'] ?? join(import.meta.dirname, 'fixtures');

/** A fixture of gpautograd, non-finite numbers revived. */
export function fixture(name: string): Json {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'), (_key, value) => (value === 'nan' ? NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value));
}

type Nested = number | readonly Nested[] | { readonly [k: string]: number };
export function flat(x: Nested | Tensor): number[] {
  if (typeof x === 'number') return [x];
  if (Array.isArray(x)) return x.flatMap(flat);
  return Array.from((x as Tensor).dataSync(), Number);
}

/** Every element within tolerance · max(1, |expected|); NaN expects NaN. */
export function close(actual: Tensor | Nested, expected: Nested, tolerance = 1e-10, what = ''): void {
  const a = flat(actual);
  const e = flat(expected);
  expect(a.length, `${what}: number of elements`).toBe(e.length);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(e[i]!)) {
      expect(a[i], `${what}[${i}]`).toBeNaN();
      continue;
    }
    if (a[i] === e[i]) continue;
    const error = Math.abs(a[i]! - e[i]!) / Math.max(1, Math.abs(e[i]!));
    if (!(error <= worst)) {
      worst = error;
      at = i;
    }
  }
  expect(worst, `${what}: element ${at} is ${a[at]}, expected ${e[at]}`).toBeLessThanOrEqual(tolerance);
}

const suffixOf = (name: string): string => name.slice(name.indexOf('_') + 1);
const counterOf = (name: string): string => (/\d+$/.exec(name.slice(0, name.indexOf('_')))?.[0] ?? '').padStart(12, '0');
const byCounter = (a: string, b: string): number => (counterOf(a) < counterOf(b) ? -1 : 1);

/** Our hyperparameters by the fixture's names: same suffix, and the same order of counters where a suffix occurs several times. */
export function matchNames(block: ParameterizedBlock, names: readonly string[]): Map<string, Hyperparameter> {
  const result = new Map<string, Hyperparameter>();
  const ours = block.hyperparameters();
  for (const suffix of new Set(names.map(suffixOf))) {
    const theirs = names.filter((n) => suffixOf(n) === suffix).sort(byCounter);
    const mine = ours.filter((p) => suffixOf(p.name) === suffix).sort((a, b) => byCounter(a.name, b.name));
    expect(mine.length, `hyperparameters named ${suffix}`).toBe(theirs.length);
    theirs.forEach((name, i) => result.set(name, mine[i]!));
  }
  return result;
}

/** Compares internal values, bounds, encodings and priors with what a fixture says about them. */
export function checkParameters(block: ParameterizedBlock, c: Json): void {
  if (c.internal) for (const [name, p] of matchNames(block, Object.keys(c.internal))) close(p.internal(), c.internal[name], 1e-12, name);
  if (!c.bounds) return;
  const priors: Record<string, string> = { LogNormal: 'log-normal', Gamma: 'gamma', Normal: 'normal', Uniform: 'uniform', Horseshoe: 'horseshoe' };
  const encodings: Record<string, string> = { LogarithmScalarEncoding: 'logarithm', PositiveScalarEncoding: 'positive', IdentityScalarEncoding: 'identity' };
  for (const [name, p] of matchNames(block, Object.keys(c.bounds))) {
    const b = c.bounds[name];
    expect(p.encoding).toBe(encodings[b.encoding]);
    expect(p.prior?.toJSON?.().type, name).toBe(b.regularizer ? priors[b.regularizer.type] : undefined);
    for (const side of [0, 1]) {
      const internal = b.internal[side] ?? (side === 0 ? -Infinity : Infinity);
      close([p.internalBounds[side]!], [internal], 1e-12, `${name} internal bound ${side}`);
    }
  }
}

/** d fn / d internal values, by the fixture's names. */
export function internalGradients(block: ParameterizedBlock, names: readonly string[], fn: () => Tensor): { value: number; gradients: Map<string, number[]> } {
  const matched = [...matchNames(block, names)];
  const [value, g] = valueAndGrad<Tensor[]>((values) => withParameterData(new Map(matched.map(([, p], i) => [p, values[i]!])), fn))(matched.map(([, p]) => p.internal()));
  return { value: value.item(), gradients: new Map(matched.map(([name], i) => [name, flat(g[i]!)])) };
}

/** The tolerance of spec/gpautograd.md for a condition number. */
export function toleranceFor(condition: number): number {
  return 1e-10 * Math.max(1, condition * 1e-5);
}
