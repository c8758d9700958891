import { describe, expect, it } from 'vitest';
import { layOut } from '../src/passes/layout.ts';
import { Numbering } from '../src/passes/numbering.ts';
import { structureKey } from '../src/passes/structure.ts';
import { type Template, makeTemplate } from '../src/passes/template.ts';
import { planGraph } from '../src/passes/plan.ts';
import { eyeMask, graphOf, input, newTrace, scalar, squaredDistances } from './graphs.ts';
import type { Graph } from '@matheron/core-tensor';

const solve = { lower: true, transpose: false, unitDiagonal: false, side: 'left' as const };
/** A Gaussian process's covariance, its factor, and what the density needs of it. */
function density(n: number): Graph {
  const t = newTrace(), x = input(t, n, 3), y = input(t, n, 1), full = [n, n];
  const k = t.binary('add', t.unary('exp', t.unary('neg', squaredDistances(t, x))), t.where(eyeMask(t, n), scalar(t, 0.1, full), scalar(t, 0, full)));
  const { factor } = t.cholesky(k), w = t.triangularSolve(factor, y, solve);
  const diagonal = t.reduce('sum', t.where(eyeMask(t, n), factor, scalar(t, 0, full)), [1]);
  const inverse = t.choleskyInverse(factor);
  const g = t.reduce('sum', t.binary('mul', inverse, squaredDistances(t, x)), [0, 1]);
  return graphOf(t, t.binary('add', t.reduce('sum', t.unary('square', w), [0, 1]), t.reduce('sum', t.unary('log', diagonal), [0])), g);
}

describe('a plan', () => {
  const graph = density(100);
  const template = makeTemplate(graph, { triangular: true });
  const layout = layOut(graph, template);
  it('computes the lower triangle alone where that is all that is read', () => {
    const triangular = template.code.kernels.filter((k) => k.triangular);
    expect(triangular.length).toBe(2);
    expect(layout.steps.filter((s) => s.kind === 'call' && s.lower).length).toBe(2);
    const whole = makeTemplate(graph, { triangular: false });
    expect(whole.code.kernels.some((k) => k.triangular)).toBe(false);
  });
  it('factors and inverts in place: one matrix beside the distances', () => {
    expect(layout.steps.filter((s) => s.kind === 'call' && s.inPlace).length).toBe(2);
    expect(layout.bytes).toBeLessThan(100 * 100 * 8 * 2.2);
  });
  it('serves all sizes of one structure, and not others', () => {
    const key = (g: Graph): string => structureKey(g, new Numbering(g));
    expect(key(density(300))).toBe(key(graph));
    expect(key(density(20))).not.toBe(key(graph));
    const again = layOut(density(300), template);
    expect(again.code).toBe(template.code);
    expect(again.bytes).toBeGreaterThan(300 * 300 * 8);
    expect(planGraph(density(301), { fuse: true, triangular: true, lanes: 2, maxUnroll: 16 })!.code).toBe(planGraph(density(302), { fuse: true, triangular: true, lanes: 2, maxUnroll: 16 })!.code);
  });
  it('writes parts of a concatenation where they belong', () => {
    const t = newTrace(), x = input(t, 30, 80), y = input(t, 20, 80);
    const g = graphOf(t, t.concat([t.unary('exp', x), y], 0));
    const plan = layOut(g, makeTemplate(g, { triangular: true }));
    expect(plan.steps.every((s) => s.kind === 'kernel')).toBe(true);
    expect(plan.buffers.length).toBe(3);
  });
  it('makes one kernel of what reads the same, and shares the code of equal ones', () => {
    const t = newTrace(), x = input(t, 100, 100), z = input(t, 100, 100);
    const g = graphOf(t, t.reduce('sum', t.unary('exp', x), [0, 1]), t.reduce('max', x, [0, 1]), t.reduce('sum', t.unary('exp', z), [0, 1]), t.reduce('max', z, [0, 1]));
    const made = makeTemplate(g, { triangular: true });
    expect(made.steps.length).toBe(2);
    expect(made.code.kernels.length).toBe(1);
    expect(made.code.kernels[0]!.sinks.length).toBe(2);
  });
  it('shares the code of the steps of an unrolled loop', () => {
    const made = ([n, width]: readonly [number, number]): Template => {
      const t = newTrace(), w = input(t, width, width), xs = input(t, n, 3, width);
      let h = scalar(t, 0, [3, width]), total = scalar(t, 0);
      for (let k = 0; k < n; k++) {
        const x = t.reshape(t.slice(xs, [{ start: k, stop: k + 1, step: 1 }, { start: 0, stop: 3, step: 1 }, { start: 0, stop: width, step: 1 }]), [3, width]);
        h = t.unary('tanh', t.binary('add', t.matmul(h, w), x));
        total = t.binary('add', total, t.reduce('sum', t.pad(t.unary('square', h), [{ low: 1, high: 0, interior: 0 }, { low: 0, high: 2, interior: 0 }], 0), [0, 1]));
      }
      return makeTemplate(graphOf(t, total), { triangular: true });
    };
    for (const width of [4, 40]) {
      const [few, many] = [made([30, width]), made([60, width])];
      expect(many.steps.length).toBeGreaterThan(120);
      expect(many.steps.length).toBeLessThan(2.1 * few.steps.length);
      expect(many.code.kernels.length).toBe(few.code.kernels.length);
      expect(few.code.kernels.length).toBeLessThan(10);
    }
  });
  it('runs over all axes at once where memory is straight', () => {
    const t = newTrace(), x = input(t, 100, 3, 5), b = input(t, 5);
    const flat = graphOf(t, t.unary('exp', t.binary('mul', x, scalar(t, 2, [100, 3, 5]))));
    expect(makeTemplate(flat, { triangular: true }).code.kernels[0]!.extents.length).toBe(1);
    const beside = graphOf(t, t.binary('add', x, t.broadcastTo(t.reshape(b, [1, 1, 5]), [100, 3, 5])));
    expect(makeTemplate(beside, { triangular: true }).code.kernels[0]!.extents.length).toBe(3);
  });
  it('is refused for empty values', () => {
    const t = newTrace();
    expect(planGraph(graphOf(t, t.unary('exp', input(t, 0, 3))), { fuse: true, triangular: true, lanes: 2, maxUnroll: 16 })).toBeUndefined();
  });
});
