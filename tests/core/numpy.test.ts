import { readFileSync } from 'node:fs';
import { cpu } from '@matheron/backend-cpu';
import * as m from '@matheron/core-tensor';
import { expect, it } from 'vitest';

m.setDefaultContext(cpu());

interface Plain { shape: number[]; values: (number | 'nan' | 'inf' | '-inf')[] }
interface Case { op: string; args: Plain[]; options: Record<string, never>; result: Plain }
const { cases } = JSON.parse(readFileSync(new URL('./fixtures/numpy.json', import.meta.url), 'utf8')) as { cases: Case[] };
const special = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
const numbers = (p: Plain): number[] => p.values.map((v) => (typeof v === 'string' ? special[v] : v));
type Options = { axis: number | null; index: m.Index[]; widths: [number, number][]; repeats: number[]; keepdims: boolean; [name: string]: unknown };
type Args = [m.Tensor, m.Tensor, m.Tensor];
const reductions = ['sum', 'prod', 'mean', 'max', 'min', 'variance', 'std', 'logSumExp', 'norm', 'argmax', 'argmin'] as const;
const alongAxis = ['softmax', 'logSoftmax', 'cumsum', 'cumprod', 'flip'] as const;
const plain = ['matmul', 'dot', 'outer', 'trace', 'det', 'inv', 'solve', 'cholesky'] as const;
const binaryTable = Object.fromEntries(plain.map((name) => [name, (...x: Args) => (m[name] as (...y: m.Tensor[]) => m.Tensor)(...x)]));
const perform: Record<string, (args: Args, o: Options) => m.Tensor> = {
  ...Object.fromEntries(reductions.map((name) => [name, ([x]: Args, { axis, ...rest }: Options) => (m[name] as m.Reduce)(x, axis ?? undefined, rest)])),
  ...Object.fromEntries(alongAxis.map((name) => [name, ([x]: Args, o: Options) => m[name](x, o.axis!)])),
  ...Object.fromEntries(plain.map((name) => [name, (args: Args) => binaryTable[name]!(...args)])),
  slice: ([x], o) => m.slice(x, ...o.index),
  setSlice: ([x, v], o) => m.setSlice(x, o.index, v),
  einsum: (args, o) => m.einsum(o['equation'] as string, ...args),
  roll: ([x], o) => m.roll(x, o['shift'] as number, o.axis!),
  repeat: ([x], o) => m.repeat(x, o['count'] as number, o.axis!),
  take: ([x, i], o) => m.take(x, i, o.axis!),
  takeAlongAxis: ([x, i], o) => m.takeAlongAxis(x, i, o.axis!),
  sortValues: ([x], o) => m.sort(x, o.axis!).values,
  sortIndices: ([x], o) => m.sort(x, o.axis!).indices,
  tile: ([x], o) => m.tile(x, o.repeats),
  tril: ([x], o) => m.tril(x, o['offset'] as number),
  triu: ([x], o) => m.triu(x, o['offset'] as number),
  diagonal: ([x], o) => m.diagonal(x, o['offset'] as number),
  pad: ([x], o) => m.pad(x, o.widths, { value: o['value'] as number }),
  logDet: ([x]) => m.logDetFromCholesky(m.cholesky(x)),
  choleskySolve: ([x, b]) => m.choleskySolve(m.cholesky(x), b),
  linspace: (_x, o) => m.linspace(o['start'] as number, o['stop'] as number, o['count'] as number),
  eye: (_x, o) => m.eye(o['n'] as number, { columns: o['columns'] as number, offset: o['offset'] as number }),
  arange: (_x, o) => m.arange(o['start'] as number, o['stop'] as number, o['step'] as number),
  pairwiseSquaredDistance: ([x, z, weights]) => m.pairwiseSquaredDistance(x, z, { weights }),
};

it('has cases for every operation here', () => {
  expect(cases.length).toBeGreaterThan(250);
  expect(new Set(cases.map((c) => c.op))).toEqual(new Set(Object.keys(perform)));
});

for (const dtype of ['float64', 'float32'] as const) {
  const tolerance = dtype === 'float64' ? 1e-12 : 2e-4;
  cases.forEach(({ op, args, options, result }, k) => {
    it(`${op} ${JSON.stringify(options)} of ${args.map((a) => `[${a.shape}]`).join(' ')} agrees with NumPy in ${dtype} (${k})`, () => {
      const inputs = args.map((a) => m.tensor(numbers(a), { shape: a.shape, dtype })) as Args;
      const y = m.withContext(cpu(), () => perform[op]!(inputs, options as unknown as Options));
      expect(y.shape).toEqual(result.shape);
      const expected = numbers(result);
      const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
      y.dataSync().forEach((v, i) => {
        const e = expected[i]!;
        if (!Number.isFinite(e)) expect(v).toBe(e);
        else expect(Math.abs(v - e), `${v} for ${e} at ${i}`).toBeLessThanOrEqual(tolerance * scale);
      });
    });
  });
}
