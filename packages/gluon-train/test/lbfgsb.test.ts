import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { lbfgsb, lbfgsbSync } from '../src/lbfgsb/drive.ts';
import fixture from './fixtures/lbfgsb.json' with { type: 'json' };
import { problems } from './lbfgsb-problems.ts';

const settings = { default: {}, tight: { valueTolerance: 1e-14, gradientTolerance: 1e-8 } };

describe('L-BFGS-B against SciPy', () => {
  for (const run of fixture.runs) {
    it(`${run.problem}, ${run.setting}`, () => {
      const bounds = run.bounds as (readonly (number | null)[])[] | null;
      const result = lbfgsbSync(problems[run.problem]!, Float64Array.from(run.start), {
        ...settings[run.setting as keyof typeof settings],
        ...(bounds ? { lower: Float64Array.from(bounds, ([l]) => l ?? -Infinity), upper: Float64Array.from(bounds, ([, u]) => u ?? Infinity) } : {}),
      });
      expect(result.converged).toBe(true);
      expect(result.message).toMatch(/^converged: /);
      // The optimum is as good, to what the tolerances promise; the work is the same but for rounding.
      const tolerance = run.setting === 'tight' ? 1e-12 : 1e-7;
      expect(result.value - run.value).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(run.value)));
      expect(result.iterations).toBeLessThanOrEqual(Math.ceil(run.iterations * 1.25) + 2);
      expect(result.evaluations).toBeLessThanOrEqual(Math.ceil(run.evaluations * 1.25) + 3);
      if (bounds) bounds.forEach(([l, u], i) => expect(result.x[i]! >= (l ?? -Infinity) && result.x[i]! <= (u ?? Infinity)).toBe(true));
      const [value, gradient] = problems[run.problem]!(result.x);
      expect([value, gradient]).toEqual([result.value, result.gradient]);
      if (process.env['LBFGSB_REPORT']) console.log(run.problem, run.setting, [run.iterations, run.evaluations, run.value], [result.iterations, result.evaluations, result.value], result.reason);
    });
  }
});

describe('lbfgsb', () => {
  const rosenbrock = problems['rosenbrock']!;
  const start = Float64Array.of(-1.2, 1);

  it('gives the same result through the asynchronous driver, and reports each iteration', async () => {
    const seen: number[] = [];
    const result = await lbfgsb(async (x) => rosenbrock(x), start, { onProgress: (p) => seen.push(p.iteration, p.value, p.projectedGradientNorm) });
    const { x, iterations, evaluations } = lbfgsbSync(rosenbrock, start);
    expect([result.x, result.iterations, result.evaluations]).toEqual([x, iterations, evaluations]);
    expect(seen.length).toBe(3 * iterations);
    expect(seen.at(-2)).toBe(result.value);
  });

  it('stops at maxIterations and maxEvaluations with the best point', () => {
    const byIterations = lbfgsbSync(rosenbrock, start, { maxIterations: 3 });
    expect(byIterations).toMatchObject({ reason: 'max-iterations', iterations: 3, converged: false });
    expect(byIterations.message).toContain('maxIterations 3');
    const byEvaluations = lbfgsbSync(rosenbrock, start, { maxEvaluations: 7 });
    expect(byEvaluations).toMatchObject({ reason: 'max-evaluations', evaluations: 7 });
    expect(byEvaluations.value).toBeLessThan(rosenbrock(start)[0]);
  });

  it('resolves with the best point when aborted, and rejects before the first evaluation', async () => {
    const controller = new AbortController();
    let calls = 0;
    const objective = (x: Float64Array): readonly [number, Float64Array] => {
      if (++calls === 6) controller.abort();
      return rosenbrock(x);
    };
    const result = await lbfgsb(objective, start, { signal: controller.signal });
    expect(result).toMatchObject({ reason: 'aborted', converged: false, evaluations: 6 });
    expect(result.value).toBeLessThan(rosenbrock(start)[0]);
    await expect(lbfgsb(rosenbrock, start, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('shortens steps that leave the domain', () => {
    // Minimum of x − log x at 1; NaN for x ≤ 0.
    const f = ([x]: Float64Array): readonly [number, Float64Array] => [x! - Math.log(x!), Float64Array.of(1 - 1 / x!)];
    const result = lbfgsbSync(f, Float64Array.of(30), { gradientTolerance: 1e-9, valueTolerance: 0 });
    expect(result.x[0]).toBeCloseTo(1, 7);
    const wall = ([x]: Float64Array): readonly [number, Float64Array] => (x! < 0.5 ? [Infinity, Float64Array.of(NaN)] : [x! ** 4, Float64Array.of(4 * x! ** 3)]);
    expect(lbfgsbSync(wall, Float64Array.of(2)).x[0]).toBeGreaterThanOrEqual(0.5);
  });

  it('keeps fixed variables, projects the start, and ends at once at an optimum on a bound', () => {
    const f = (x: Float64Array): readonly [number, Float64Array] => [x.reduce((s, v) => s + v * v, 0), x.map((v) => 2 * v)];
    const result = lbfgsbSync(f, Float64Array.of(5, 5, 5), { lower: Float64Array.of(2, 1, -Infinity), upper: Float64Array.of(2, 3, Infinity) });
    expect(result.x[0]).toBe(2);
    expect(result.x[1]).toBe(1);
    expect(result.x[2]).toBeCloseTo(0, 6);
    expect(lbfgsbSync(f, Float64Array.of(1), { lower: Float64Array.of(1) })).toMatchObject({ reason: 'gradient', iterations: 0, evaluations: 1 });
    expect(lbfgsbSync(f, new Float64Array(0))).toMatchObject({ reason: 'gradient', value: 0 });
  });

  it('says when the gradient is wrong', () => {
    const f = (x: Float64Array): readonly [number, Float64Array] => [x[0]!, Float64Array.of(-1)];
    const result = lbfgsbSync(f, Float64Array.of(0));
    expect(result).toMatchObject({ reason: 'line-search', converged: false });
    expect(result.message).toContain('check the gradient');
  });

  it('refuses bad arguments', async () => {
    for (const options of [{ lower: Float64Array.of(1) }, { lower: Float64Array.of(1, 1), upper: Float64Array.of(0, 2) }, { lower: Float64Array.of(NaN, 0) }, { memory: 0 }, { gradientTolerance: -1 }]) {
      await expect(lbfgsb(rosenbrock, start, options)).rejects.toThrow(ArgumentError);
    }
    await expect(lbfgsb(rosenbrock, Float64Array.of(NaN, 0))).rejects.toThrow('start: "NaN at variable 0"');
    await expect(lbfgsb(() => [NaN, Float64Array.of(0, 0)], start)).rejects.toThrow('value NaN');
    await expect(lbfgsb(() => [1, Float64Array.of(0)], start)).rejects.toThrow(/gradient of 2 numbers/);
    await expect(lbfgsb(() => Promise.reject(new Error('mine')), start)).rejects.toThrow('mine');
  });
});
