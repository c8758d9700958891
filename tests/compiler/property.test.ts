import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { compile } from '@matheron/compiler';
import { type Context, type Tensor, sum, tensor } from '@matheron/core-tensor';
import { type Step, names, operations, programText, runProgram } from './programs.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 500);
/** Fixed, so that a run repeats itself; PROPERTY_SEED explores others. */
const seeded = { seed: Number(process.env['PROPERTY_SEED'] ?? 31415927) };
const small: readonly (readonly number[])[] = [[3, 4], [4], [1, 4], [5, 5], [2, 3, 3], [], [20], [18, 2]];
/** Sizes that are told apart by their order alone: plans of one serve the other. */
const large = (m: number): readonly (readonly number[])[] => [[m, 6], [m], [1, m], [m, m], [2, m, 3], [], [m + 40], [m + 40, m]];
function inputsOn(ctx: Context, seed: number, dtype: 'float64' | 'float32' = 'float64', shapes: readonly (readonly number[])[] = small): Tensor[] {
  let s = seed + 1;
  const next = (): number => ((s = (s * 48271) % 2147483647) / 2147483647) * 2.6 - 1.3;
  return [0, 3, 5].map((k) => {
    const shape = shapes[(seed + k) % shapes.length]!;
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(Float64Array.from({ length: size }, next), { ctx }).reshape(...shape).astype(dtype);
  });
}
/** The largest difference, relative to the largest value; Infinity where one is not a number and the other is. */
function difference(got: Tensor, want: Tensor): number {
  expect(got.shape).toEqual(want.shape);
  expect(got.dtype).toBe(want.dtype);
  const a = got.dataSync(), b = want.dataSync();
  let error = 0, scale = 1;
  for (let k = 0; k < b.length; k++) {
    if (Object.is(a[k], b[k])) continue;
    const d = Math.abs(a[k]! - b[k]!);
    error = Math.max(error, Number.isNaN(d) ? Infinity : d);
    if (Number.isFinite(b[k]!)) scale = Math.max(scale, Math.abs(b[k]!));
  }
  return error / scale;
}
const step = fc.record({ op: fc.nat(names.length - 1), a: fc.nat(12), b: fc.nat(12), n: fc.nat(5) });
const program = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 12 }), seed: fc.nat(7) });
/** Found by other seeds: masks of unit axes, one true and one false, in groups that are otherwise the same. */
const found: [{ steps: Step[]; seed: number }][] = [
  [{ steps: [{ op: names.indexOf('solve'), a: 0, b: 0, n: 0 }, { op: names.indexOf('solveUpper'), a: 3, b: 0, n: 0 }, { op: names.indexOf('exp'), a: 0, b: 0, n: 0 }], seed: 1 }],
];
const loss = (steps: readonly Step[], largest?: number) => (inputs: readonly Tensor[]): Tensor =>
  runProgram(steps, inputs, largest).map((y, k) => sum(y.mul(0.5 + k)).mul(1 / y.size)).reduce((a, b) => a.add(b));

describe('random programs, compiled and eager', () => {
  for (const [name, ctx] of [['cpu', cpu()], ['wasm', wasm()]] as const) {
    it(`values on ${name}`, () => {
      fc.assert(fc.property(program, ({ steps, seed }) => {
        const want = runProgram(steps, inputsOn(cpu(), seed));
        const f = compile((inputs: readonly Tensor[]) => runProgram(steps, inputs));
        const got = f(inputsOn(ctx, seed));
        got.forEach((y, k) => expect(difference(y, want[k]!), programText(steps)).toBeLessThanOrEqual(1e-12));
        f(inputsOn(ctx, seed)).forEach((y, k) => expect(y.dataSync()).toEqual(got[k]!.dataSync()));
        f.dispose();
      }), { ...seeded, numRuns: runs });
    });
    it(`gradients on ${name}`, () => {
      fc.assert(fc.property(program, ({ steps, seed }) => {
        const want = grad(loss(steps))(inputsOn(cpu(), seed));
        const inputs = inputsOn(ctx, seed);
        for (const f of [compile(grad(loss(steps))), grad(compile(loss(steps)))]) {
          f(inputs).forEach((g, k) => expect(difference(g, want[k]!), programText(steps)).toBeLessThanOrEqual(1e-10));
        }
      }), { ...seeded, numRuns: Math.ceil(runs / 2), examples: found });
    });
  }
  it('values and gradients on wasm, at sizes that share a plan', () => {
    fc.assert(fc.property(program, ({ steps, seed }) => {
      const most = 20000;
      const value = compile((inputs: readonly Tensor[]) => runProgram(steps, inputs, most));
      const gradient = compile(grad(loss(steps, most)));
      for (const m of [70, 97, 70]) {
        const want = runProgram(steps, inputsOn(cpu(), seed, 'float64', large(m)), most);
        value(inputsOn(wasm(), seed, 'float64', large(m))).forEach((y, k) => expect(difference(y, want[k]!), `${m} ${programText(steps)}`).toBeLessThanOrEqual(1e-12));
        const wanted = grad(loss(steps, most))(inputsOn(cpu(), seed, 'float64', large(m)));
        gradient(inputsOn(wasm(), seed, 'float64', large(m))).forEach((g, k) => expect(difference(g, wanted[k]!), `${m} ${programText(steps)}`).toBeLessThanOrEqual(1e-10));
      }
    }), { ...seeded, numRuns: Math.ceil(runs / 5) });
  });
  it('float32 on wasm', () => {
    fc.assert(fc.property(program, ({ steps, seed }) => {
      const want = runProgram(steps, inputsOn(wasm(), seed, 'float32'));
      const got = compile((inputs: readonly Tensor[]) => runProgram(steps, inputs))(inputsOn(wasm(), seed, 'float32'));
      got.forEach((y, k) => expect(difference(y, want[k]!), programText(steps)).toBeLessThanOrEqual(2e-4));
    }), { ...seeded, numRuns: Math.ceil(runs / 4) });
  });
  for (const name of names) {
    it(`${name}, alone and after a product`, () => {
      const op = operations[name]!;
      for (let seed = 0; seed < 8; seed++) {
        const f = (inputs: readonly Tensor[]): Tensor[] => [0, 1, 4].flatMap((n) => [op(inputs[0]!, inputs[1]!, n), op(inputs[2]!.mul(inputs[2]!), inputs[0]!, n)]);
        const want = f(inputsOn(cpu(), seed)), got = compile(f)(inputsOn(wasm(), seed));
        got.forEach((y, k) => expect(difference(y, want[k]!), `${name} ${seed} ${k}`).toBeLessThanOrEqual(1e-12));
      }
    });
  }
});
