// Numbers computed by MXNet 1.9.1 (fixtures/gluon-goldens.md). MATHERON_GLUON_GOLDENS names another file of the same form.
import { readFileSync } from 'node:fs';
import { attachGrad, backward, gradOf, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { Cell, type Context, type NestedArray, type Tensor, greater, setDefaultContext, tensor, where, withContext } from '@matheron/core-tensor';
import type { Block, HybridBlock } from '@matheron/gluon-blocks';
import type { Parameter } from '@matheron/gluon-params';
import { optimizer } from '@matheron/gluon-train';
import { describe, expect, it } from 'vitest';
import { layers, losses, optimizerOf, optimizers, recurrent } from './entries.ts';

type Values = NestedArray;
interface Golden {
  readonly f32?: boolean;
  readonly x?: readonly Values[];
  readonly in?: readonly (Values | null)[];
  readonly y?: Values;
  readonly dx?: readonly Values[];
  readonly dpred?: Values;
  readonly s?: readonly Values[];
  readonly params?: Readonly<Record<string, Values | { readonly v: Values; readonly g: Values | null }>>;
  readonly kw?: Readonly<Record<string, string>>;
  readonly w?: readonly (readonly number[])[];
}

setDefaultContext(cpu());
const file = process.env['MATHERON_GLUON_GOLDENS'] ?? new URL('./fixtures/gluon-goldens.json', import.meta.url);
const goldens = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Golden>>;
const settings = [cpu(0), wasm(0)].flatMap((ctx) => [false, true].map((compiled) => ({ ctx, compiled, title: `${ctx}, ${compiled ? 'compiled' : 'eager'}` })));
const tolerance = ({ f32 }: Golden): number => (f32 ? 1e-5 : 1e-6);

/**
 * MXNet computed this one in float32, though the file doesn't say so: its values are float32 numbers.
 */
const inSingle = new Set(['loss_sdml']);
/**
 * MXNet's derivative of SELU below 0 is λ(α + y) instead of λα + y, which is no derivative of its output. Here it is the derivative
 * (gradients.test.ts), and MXNet's number is checked to be the one that its formula gives.
 */
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;
const wrongSelu = (y: Tensor): Tensor => y.mul(where(greater(y, 0), seluScale, y.add(seluAlpha).mul(seluScale)));
/**
 * MXNet's Adam holds β in float32 within its kernel and in float64 where it corrects the bias. The same numbers for ours: β rounded, and
 * a rate that makes up for the difference of the corrections.
 */
function adamOfMXNet(options: Record<string, unknown>): Record<string, unknown> {
  const { beta1 = 0.9, beta2 = 0.999, learningRate = 0.001 } = options as { beta1?: number; beta2?: number; learningRate?: number };
  const [b1, b2] = [Math.fround(beta1), Math.fround(beta2)];
  const rate = (t: number): number => (learningRate * Math.sqrt((1 - beta2 ** t) / (1 - b2 ** t)) * (1 - b1 ** t)) / (1 - beta1 ** t);
  return { ...options, beta1: b1, beta2: b2, learningRate: rate };
}

function near(actual: Tensor, expected: Values, golden: Golden, what: string): void {
  const want = tensor(expected, { ctx: actual.ctx });
  expect(actual.shape, `shape of ${what}`).toEqual(want.shape);
  const [a, b] = [actual.dataSync(), want.dataSync()];
  for (let k = 0; k < b.length; k++) {
    if (!(Math.abs(a[k]! - b[k]!) <= tolerance(golden) * Math.max(1, Math.abs(b[k]!)))) expect.fail(`${what}, element ${k}: ${a[k]}, MXNet has ${b[k]}`);
  }
}

/** The parameters that an entry means by a name, which lacks the block's prefix. */
function parametersOf(block: Block, name: string): Parameter[] {
  const all = [...block.collectParams().values()];
  const own = all.filter((p) => p.name === block.prefix + name);
  return own.length > 0 ? own : all.filter((p) => p.name.endsWith(`_${name}`));
}

function checkLayer(golden: Golden, name: string, ctx: Context, compiled: boolean): void {
  const { make, train = false } = layers[name]!;
  const block = make();
  block.initialize({ ctx });
  const params = Object.entries(golden.params ?? {}) as [string, { v: Values; g: Values | null }][];
  for (const [key, { v }] of params) {
    const found = parametersOf(block, key);
    expect(found.length, key).toBe(1);
    if (!key.startsWith('running_')) found[0]!.setData(v);
  }
  if (compiled) block.hybridize();
  const x = attachGrad(tensor(golden.x![0]!, { ctx }));
  const { y, l } = record(() => {
    const output = block.call(x);
    return { y: output, l: output.square().sum().mul(0.5) };
  }, { trainMode: train });
  backward(l);
  near(y, golden.y!, golden, 'y');
  if (golden.dx) near(name === 'selu' ? wrongSelu(y) : gradOf(x), golden.dx[0]!, golden, 'dx');
  for (const [key, { v, g }] of params) {
    const [parameter] = parametersOf(block, key) as [Parameter];
    if (g !== null) near(parameter.grad(ctx), g, golden, `gradient of ${key}`);
    // What the file holds of running statistics is what the pass left.
    if (key.startsWith('running_')) near(parameter.data(ctx), v, golden, key);
  }
}

function checkLoss(golden: Golden, name: string, ctx: Context, compiled: boolean): void {
  const { make, inputs } = losses[name]!;
  const block = make();
  if (compiled) block.hybridize();
  const [first, ...rest] = (golden.in ?? inputs)!.map((v) => (v === null ? undefined : tensor(v as Values, { ctx })));
  const call = block.call as (...x: (Tensor | undefined)[]) => Tensor;
  const pred = attachGrad(first!);
  const y = record(() => call.call(block, pred, ...rest));
  near(y, golden.y!, golden, 'y');
  if (!golden.dpred) return;
  backward(y);
  near(gradOf(pred), golden.dpred, golden, 'dpred');
}

function checkRecurrent(golden: Golden, name: string, ctx: Context, compiled: boolean): void {
  const { make, run, adjust } = recurrent[name]!;
  const block: HybridBlock = make();
  block.initialize({ ctx });
  for (const [key, value] of Object.entries(golden.params ?? {})) {
    const found = parametersOf(block, key);
    expect(found.length, key).toBeGreaterThan(0);
    for (const p of found) p.setData(tensor(value as Values, { ctx }).add(adjust?.(p.name) ?? 0));
  }
  const x = tensor(golden.x!, { ctx });
  const forward = (z: Tensor): [Tensor, Tensor[]] => run(block, z);
  const [y, states] = compiled ? compile(forward)(x) : forward(x);
  near(y, golden.y!, golden, 'y');
  expect(states.length).toBe(golden.s!.length);
  states.forEach((s, k) => near(s, golden.s![k]!, golden, `state ${k}`));
}

/** `clip_gradient: "0.25"` → `clipGradient: 0.25`. */
function optionsOf(kw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const words: Record<string, unknown> = { True: true, False: false, None: undefined };
  return Object.fromEntries(
    Object.entries(kw).map(([key, value]) => [key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()), typeof value !== 'string' ? value : value in words ? words[value] : Number(value)]),
  );
}
const gradients = [[[0.1, -0.2], [0.3, 0]], [[-0.5, 0.4], [0.2, 1]], [[2, 0], [-0.1, 0.05]]];
/** The weight after each of three updates. */
function updated(name: string, options: Record<string, unknown>): Tensor[] {
  const made = optimizer.create(name as 'sgd', options);
  const weight = new Cell(tensor([[1, -2], [0.5, 3]]));
  const state = made.createState(weight.peek());
  return gradients.map((g) => {
    made.update(0, weight, tensor(g), state);
    return weight.peek();
  });
}

describe('the file', () => {
  it('has no entry that this suite can not build', () => {
    const known = new Set([...Object.keys(layers), ...Object.keys(losses).map((n) => `loss_${n}`), ...Object.keys(recurrent), ...optimizers.map((n) => `opt_${n}`), 'opt_defaults']);
    expect(Object.keys(goldens).filter((name) => !known.has(name))).toEqual([]);
    expect(known.size).toBe(99);
  });
});

for (const { ctx, compiled, title } of settings) {
  describe(title, () => {
    for (const [name, entry] of Object.entries(goldens)) {
      if (name.startsWith('opt_')) continue;
      const golden = inSingle.has(name) ? { ...entry, f32: true } : entry;
      it(name, () => {
        withContext(ctx, () => {
          if (name.startsWith('loss_')) checkLoss(golden, name.slice(5), ctx, compiled);
          else if (name in recurrent) checkRecurrent(golden, name, ctx, compiled);
          else checkLayer(golden, name, ctx, compiled);
        });
      });
    }
  });
}

for (const ctx of [cpu(0), wasm(0)]) {
  describe(`optimizers on ${ctx}`, () => {
    for (const [name, golden] of Object.entries(goldens)) {
      if (!name.startsWith('opt_') || name === 'opt_defaults') continue;
      it(name, () => {
        withContext(ctx, () => {
          const kind = optimizerOf(name.slice(4));
          const options = optionsOf(golden.kw ?? {});
          const weights = updated(kind, kind === 'adam' ? adamOfMXNet(options) : options);
          golden.w!.forEach((w, k) => near(weights[k]!.reshape(-1), w, golden, `update ${k + 1}`));
        });
      });
    }
  });
}

const defaults = goldens['opt_defaults'] as unknown as Readonly<Record<string, Readonly<Record<string, number | boolean | null>>>> | undefined;
describe('defaults of optimizers', () => {
  /** Names that only MXNet's implementation has a use for, and what others are called. */
  const internal = ['aggregate_num', 'lazy_update', 'lr', 'lr_mult', 'wd_mult'];
  const renamed: Readonly<Record<string, string>> = { float_stable_eps: 'eps' };
  for (const [name, values] of Object.entries(defaults ?? {})) {
    it(name, () => {
      const given = Object.entries(values).filter(([key, value]) => !internal.includes(key) && value !== null).map(([key, value]) => [renamed[key] ?? key, value] as const);
      const explicit = optionsOf({ ...Object.fromEntries(given), learning_rate: values['lr'] });
      const last = (options: Record<string, unknown>): unknown => updated(name, options)[2]!.toArray();
      expect(last({})).toEqual(last(explicit));
      // Each is really an option: another value gives another weight.
      for (const [key, value] of Object.entries(explicit)) {
        // AdaDelta has no use for a rate.
        if (typeof value !== 'number' || (name === 'adadelta' && key === 'learningRate')) continue;
        const needs = name === 'rmsprop' ? { centered: true } : {};
        expect(last({ ...explicit, ...needs, [key]: value * 0.25 + 0.01 }), key).not.toEqual(last({ ...explicit, ...needs }));
      }
    });
  }
});
