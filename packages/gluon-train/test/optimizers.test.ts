import { cpu } from '@matheron/backend-cpu';
import { Cell, RowSparseTensor, type Tensor, setDefaultContext, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { optimizer } from '../src/index.ts';

setDefaultContext(cpu());

const start = [[1, -2], [0.5, 3]];
const gradients = [[[0.1, -0.2], [0.3, 0]], [[-0.5, 0.4], [0.2, 1]], [[2, 0], [-0.1, 0.05]]];

/** Elementwise, by the formulas of the papers and of MXNet's documentation, in plain numbers. */
type Rule = (w: number, g: number, s: number[], t: number, o: { lr: number; wd: number; clip: number }) => number;
const c = (x: number, clip: number): number => Math.max(-clip, Math.min(clip, x));
const rules: Record<string, { options: Record<string, number | boolean>; states: number; rule: Rule; rate: number }> = {
  sgd: { rate: 0.01, options: { momentum: 0.9 }, states: 1, rule: (w, g, s, _, o) => w + (s[0] = 0.9 * s[0]! - o.lr * (c(g, o.clip) + o.wd * w)) },
  nag: {
    rate: 0.01, options: { momentum: 0.9 }, states: 1,
    rule(w, g, s, _, o) {
      // As MXNet's code has it: w − μ m_old + (1 + μ)(μ m_old − lr r), then the velocity, which sees the new weight.
      const before = s[0]!;
      const next = w - 0.9 * before + 1.9 * (0.9 * before - o.lr * (c(g, o.clip) + o.wd * w));
      s[0] = 0.9 * before - o.lr * (c(g, o.clip) + o.wd * next);
      return next;
    },
  },
  signum: { rate: 0.01, options: { momentum: 0.8, wdLh: 0.02 }, states: 1, rule: (w, g, s, _, o) => (1 - o.lr * 0.02) * w + o.lr * Math.sign((s[0] = 0.8 * s[0]! - 0.2 * (o.wd * w + c(g, o.clip)))) },
  adam: {
    rate: 0.001, options: { beta1: 0.8, beta2: 0.99 }, states: 2,
    rule(w, g, s, t, o) {
      const r = c(g + o.wd * w, o.clip);
      s[0] = 0.8 * s[0]! + 0.2 * r;
      s[1] = 0.99 * s[1]! + 0.01 * r * r;
      return w - (o.lr * Math.sqrt(1 - 0.99 ** t) * s[0]) / (1 - 0.8 ** t) / (Math.sqrt(s[1]) + 1e-8);
    },
  },
  adamax: {
    rate: 0.002, options: {}, states: 2,
    rule(w, g, s, t, o) {
      const r = c(g + o.wd * w, o.clip);
      s[0] = 0.9 * s[0]! + 0.1 * r;
      s[1] = Math.max(0.999 * s[1]!, Math.abs(r));
      return s[1] === 0 ? w : w - ((o.lr / (1 - 0.9 ** t)) * s[0]) / s[1];
    },
  },
  adagrad: { rate: 0.01, options: {}, states: 1, rule: (w, g, s, _, o) => w - o.lr * (c(g, o.clip) / Math.sqrt((s[0]! += c(g, o.clip) ** 2) + 1e-7) + o.wd * w) },
  rmsprop: {
    rate: 0.001, options: { centered: true, gamma1: 0.8, gamma2: 0.7 }, states: 3,
    rule(w, g, s, _, o) {
      const r = c(g + o.wd * w, o.clip);
      s[0] = 0.2 * r * r + 0.8 * s[0]!;
      s[1] = 0.2 * r + 0.8 * s[1]!;
      s[2] = 0.7 * s[2]! - (o.lr * r) / Math.sqrt(s[0] - s[1] ** 2 + 1e-8);
      return w + s[2];
    },
  },
  adadelta: {
    rate: 0.01, options: {}, states: 2,
    rule(w, g, s, _, o) {
      const r = c(g, o.clip);
      s[0] = 0.9 * s[0]! + 0.1 * r * r;
      const delta = (Math.sqrt(s[1]! + 1e-5) / Math.sqrt(s[0] + 1e-5)) * r;
      s[1] = 0.9 * s[1]! + 0.1 * delta * delta;
      return w - delta - o.wd * w;
    },
  },
  ftrl: {
    rate: 0.1, options: { lamda1: 0.05, beta: 2 }, states: 2,
    rule(w, g, s, _, o) {
      const r = c(g, o.clip);
      s[0] = s[0]! + r - ((Math.sqrt(s[1]! + r * r) - Math.sqrt(s[1]!)) * w) / o.lr;
      s[1] = s[1]! + r * r;
      return Math.abs(s[0]) <= 0.05 ? 0 : (Math.sign(s[0]) * 0.05 - s[0]) / ((2 + Math.sqrt(s[1])) / o.lr + o.wd);
    },
  },
  ftml: {
    rate: 0.01, options: {}, states: 3,
    rule(w, g, s, t, o) {
      const r = c(g + o.wd * w, o.clip);
      s[1] = 0.999 * s[1]! + 0.001 * r * r;
      const d = ((1 - 0.6 ** t) / o.lr) * (Math.sqrt(s[1] / (1 - 0.999 ** t)) + 1e-8);
      s[2] = 0.6 * s[2]! + 0.4 * r - (d - 0.6 * s[0]!) * w;
      s[0] = d;
      return -s[2] / d;
    },
  },
  dcasgd: {
    rate: 0.01, options: { momentum: 0.5 }, states: 3,
    rule(w, g, s, t, o) {
      const r = c(g, o.clip);
      const before = t === 1 ? w : s[1]!;
      s[0] = 0.5 * s[0]! - o.lr * (r + o.wd * w + 0.04 * r * r * (w - before));
      s[1] = w;
      return w + s[0];
    },
  },
  test: { rate: 0.01, options: {}, states: 0, rule: (w, g) => w + g },
};

function run(o: optimizer.Optimizer, grads: readonly (Tensor | RowSparseTensor)[]): number[][][] {
  const weight = new Cell(tensor(start));
  const state = o.createState(weight.peek());
  return grads.map((g) => {
    o.update(0, weight, g, state);
    return weight.peek().toArray() as number[][];
  });
}

describe('optimizers follow their formulas over decay, clipping and rescaling', () => {
  for (const [name, { options, states, rule, rate }] of Object.entries(rules)) {
    for (const [wd, clip, scale, lr] of [[0, undefined, 1, undefined], [0.1, undefined, 1, 0.05], [0, 0.25, 1, 0.05], [0.1, 0.25, 0.5, 0.05]] as const) {
      it(`${name}, wd ${wd}, clip ${clip}, rescale ${scale}, rate ${lr ?? 'default'}`, () => {
        const o = optimizer.create(name as 'sgd', { ...options, wd, rescaleGrad: scale, ...(clip && { clipGradient: clip }), ...(lr && { learningRate: lr }) });
        const w = start.flat();
        const s = w.map(() => new Array<number>(states).fill(0));
        const found = run(o, gradients.map((g) => tensor(g)));
        gradients.forEach((g, k) => {
          g.flat().forEach((x, i) => (w[i] = rule(w[i]!, x * scale, s[i]!, k + 1, { lr: lr ?? rate, wd, clip: clip ?? Infinity })));
          found[k]!.flat().forEach((v, i) => expect(v).toBeCloseTo(w[i]!, 12));
        });
      });
    }
  }
});

/** Rules that need the whole weight: flat arrays in and out. */
type ArrayRule = (w: readonly number[], g: readonly number[], s: number[][], t: number, o: { lr: number; wd: number; clip: number }) => number[];
const norm = (x: readonly number[]): number => Math.hypot(...x);
const arrayRules: Record<string, { options: Record<string, number | boolean | string>; states: number; rule: ArrayRule; rate: number }> = {
  nadam: {
    rate: 0.001, options: { scheduleDecay: 0.01 }, states: 3,
    rule: (w, g, s, t, o) => {
      const momentum = (k: number): number => 0.9 * (1 - 0.5 * 0.96 ** (k * 0.01));
      if (t === 1) s[2]![0] = 1;
      s[2]![0]! *= momentum(t);
      const product = s[2]![0]!;
      return w.map((v, i) => {
        const r = c(g[i]! + o.wd * v, o.clip);
        s[0]![i] = 0.9 * s[0]![i]! + 0.1 * r;
        s[1]![i] = 0.999 * s[1]![i]! + 0.001 * r * r;
        const bar = ((1 - momentum(t)) * r) / (1 - product) + (momentum(t + 1) * s[0]![i]!) / (1 - product * momentum(t + 1));
        return v - (o.lr * bar) / (Math.sqrt(s[1]![i]! / (1 - 0.999 ** t)) + 1e-8);
      });
    },
  },
  lamb: {
    rate: 0.001, options: { lowerBound: 0.5, upperBound: 2 }, states: 2,
    rule: (w, g, s, t, o) => {
      const u = w.map((v, i) => {
        const r = c(g[i]!, o.clip);
        s[0]![i] = 0.9 * s[0]![i]! + 0.1 * r;
        s[1]![i] = 0.999 * s[1]![i]! + 0.001 * r * r;
        return s[0]![i]! / (1 - 0.9 ** t) / (Math.sqrt(s[1]![i]! / (1 - 0.999 ** t)) + 1e-6) + o.wd * v;
      });
      const trust = Math.min(2, Math.max(0.5, norm(w))) / norm(u);
      return w.map((v, i) => v - o.lr * trust * u[i]!);
    },
  },
  lars: {
    rate: 0.01, options: { momentum: 0.9, eta: 0.1, eps: 0.01 }, states: 1,
    rule: (w, g, s, _, o) => {
      const trust = (0.1 * norm(w)) / (norm(g) + o.wd * norm(w) + 0.01);
      return w.map((v, i) => v + (s[0]![i] = 0.9 * s[0]![i]! - o.lr * trust * (c(g[i]!, o.clip) + o.wd * v)));
    },
  },
  lbsgd: {
    rate: 0.01, options: { warmupStrategy: 'lars', momentum: 0.5 }, states: 1,
    rule: (w, g, s, _, o) => {
      const raw = g.map((x) => x / rescale);
      const trust = Math.min(100, Math.max(0.01, Math.sqrt(norm(w) ** 2 / (norm(raw) ** 2 + o.wd * norm(w) ** 2 + 1e-18))));
      return w.map((v, i) => v + (s[0]![i] = 0.5 * s[0]![i]! - o.lr * trust * (c(g[i]!, o.clip) + o.wd * v)));
    },
  },
};
let rescale = 1;

describe('optimizers with norms and schedules follow their formulas', () => {
  for (const [name, { options, states, rule, rate }] of Object.entries(arrayRules)) {
    for (const [wd, clip, scale, lr] of [[0, undefined, 1, undefined], [0.1, undefined, 1, 0.05], [0, 0.25, 1, 0.05], [0.1, 0.25, 0.5, 0.05]] as const) {
      it(`${name}, wd ${wd}, clip ${clip}, rescale ${scale}, rate ${lr ?? 'default'}`, () => {
        rescale = scale;
        const o = optimizer.create(name as 'sgd', { ...options, wd, rescaleGrad: scale, ...(clip && { clipGradient: clip }), ...(lr && { learningRate: lr }) });
        let w = start.flat();
        const s = Array.from({ length: states }, () => w.map(() => 0));
        const found = run(o, gradients.map((g) => tensor(g)));
        gradients.forEach((g, k) => {
          w = rule(w, g.flat().map((x) => x * scale), s, k + 1, { lr: lr ?? rate, wd, clip: clip ?? Infinity });
          found[k]!.flat().forEach((v, i) => expect(v).toBeCloseTo(w[i]!, 12));
        });
      });
    }
  }
  it('LARS leaves out names ending in gamma, beta and bias', () => {
    const [a, b] = [new optimizer.LARS(), new optimizer.SGD()];
    a.setMultipliers(0, { name: 'dense0_bias', lrMult: 1, wdMult: 1 });
    expect(run(a, gradients.map((g) => tensor(g)))).toEqual(run(b, gradients.map((g) => tensor(g))));
  });
  it('LAMB and LARS stand still where norms are 0', () => {
    for (const o of [new optimizer.LAMB(), new optimizer.LARS()]) {
      const weight = new Cell(tensor([[0, 0]]));
      o.update(0, weight, tensor([[0, 0]]), o.createState(weight.peek()));
      expect(weight.peek().toArray()).toEqual([[0, 0]]);
    }
  });
});

describe('optimizers', () => {
  it('steps through a schedule by the number of updates', () => {
    const steps: number[] = [];
    const o = new optimizer.SGD({ learningRate: (n) => (steps.push(n), 0.1 / n) });
    const w = run(o, gradients.map((g) => tensor(g)));
    expect([...new Set(steps)]).toEqual([1, 2, 3]);
    expect(w[1]![0]![0]).toBeCloseTo(1 - 0.1 * 0.1 + 0.05 * 0.5, 14);
    expect(o.currentRate).toBeCloseTo(0.1 / 3, 15);
  });
  it('counts each weight on its own and takes multipliers', () => {
    const o = new optimizer.SGD({ learningRate: 1, wd: 0.5 });
    o.setMultipliers(1, { lrMult: 0.1, wdMult: 0 });
    const [a, b] = [new Cell(tensor([1])), new Cell(tensor([1]))];
    o.update(0, a, tensor([1]), []);
    o.update(1, b, tensor([1]), []);
    o.update(1, b, tensor([1]), []);
    expect([a.peek().item(), b.peek().item(), o.numUpdate, [...o.counts]]).toEqual([-0.5, 0.8, 2, [[0, 1], [1, 2]]]);
  });
  it('updates only the rows of a sparse gradient, state included, where lazy', () => {
    const rows = (): RowSparseTensor => new RowSparseTensor([[1, 2], [3, 4]], [1, 1], [2, 2]);
    for (const lazyUpdate of [true, false]) {
      const weight = new Cell(tensor([[1, 1], [1, 1]]));
      const o = new optimizer.SGD({ learningRate: 1, momentum: 0.5, wd: 0.5, lazyUpdate });
      const state = o.createState(weight.peek());
      o.update(0, weight, rows(), state);
      expect(weight.peek().toArray()).toEqual([lazyUpdate ? [1, 1] : [0.5, 0.5], [1 - 4.5, 1 - 6.5]]);
      expect(state[0]!.peek().toArray()).toEqual([lazyUpdate ? [0, 0] : [-0.5, -0.5], [-4.5, -6.5]]);
    }
    const dense = run(new optimizer.Adam(), [tensor([[0, 0], [1, 2]])]);
    const sparse = run(new optimizer.Adam(), [RowSparseTensor.fromDense([[0, 0], [1, 2]])]);
    expect(sparse).toEqual(dense);
  });
  it('sums batchScale gradients before an update of LBSGD', () => {
    const o = new optimizer.LBSGD({ learningRate: 0.1, batchScale: 2, warmupEpochs: 1, updatesPerEpoch: 4 });
    const w = run(o, gradients.slice(0, 2).map((g) => tensor(g)));
    expect(w[0]).toEqual(start);
    // rate 0.1 · (1 + 2/4), mean of the two gradients.
    expect(w[1]![0]![0]).toBeCloseTo(1 - 0.15 * -0.2, 14);
  });
  it('gives SGLD noise of variance lr', () => {
    const o = new optimizer.SGLD({ learningRate: 0.04 });
    const weight = new Cell(tensor(new Float64Array(20000)));
    o.update(0, weight, tensor(new Float64Array(20000)), []);
    expect(weight.peek().variance().item()).toBeGreaterThan(0.038);
    expect(weight.peek().variance().item()).toBeLessThan(0.042);
  });
  it('works in float32', () => {
    for (const name of ['sgd', 'adam', 'nadam', 'ftrl', 'lamb', 'lars', 'groupadagrad', 'rmsprop'] as const) {
      const weight = new Cell(tensor(start, { dtype: 'float32' }));
      const o = optimizer.create(name, {});
      const state = o.createState(weight.peek());
      o.update(0, weight, tensor(gradients[0]!, { dtype: 'float32' }), state);
      expect([weight.peek(), ...state.map((s) => s.peek())].every((x) => x.dtype === 'float32')).toBe(true);
    }
  });
  it('refuses bad settings and names the nearest optimizer', () => {
    expect(() => optimizer.create('adamm' as 'adam')).toThrow(/did you mean 'adam'/);
    expect(() => new optimizer.SGD({ clipGradient: -1 })).toThrow(ArgumentError);
    expect(() => new optimizer.SGD({ learningRate: NaN })).toThrow(ArgumentError);
    expect(() => new optimizer.LBSGD({ batchScale: 0 })).toThrow(ArgumentError);
    expect(() => new optimizer.GroupAdaGrad().createState(tensor([1]))).toThrow(/no matrix/);
  });
});
