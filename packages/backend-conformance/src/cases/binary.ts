import { type BinaryOp, type CompareOp, type DType, type Kind, binaryKinds } from '@matheron/core-tensor';
import type { Tolerance } from '../compare.ts';
import { type Case, type Group, callCase } from '../bench.ts';
import { binaryTable } from '../generated/binary-table.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, sample, zip } from '../reference/array.ts';
import { type BinaryRow, binaryRows, compareRows } from '../reference/binary.ts';

const pairs: readonly (readonly [Layout, Layout])[] = [
  ['dense', 'dense'], ['transposed', 'dense'], ['dense', 'transposed'], ['transposed', 'transposed'], ['sliced', 'reversed'], ['offset', 'sliced'],
  ['broadcast', 'dense'], ['dense', 'stretched'], ['broadcast', 'stretched'], ['permuted', 'offset'], ['reversed', 'permuted'],
];
const awkward: Record<DType, readonly number[]> = {
  float64: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 1.5, -2.5, 3, 5e-324, -1e-310, 1.7e308, 1e-200],
  float32: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 1.5, -2.5, 3, 1e-45, -1e-40, 3e38, 1e-30],
  int32: [0, 1, -1, 2, -3, 7, 31, -64, 46341, 65536, 2 ** 31 - 1, -(2 ** 31)],
  bool: [0, 1],
};

interface Spec {
  readonly kind: Extract<Kind, 'binary' | 'compare'>;
  readonly op: BinaryOp | CompareOp;
  readonly tolerance: Tolerance;
  readonly reference: (dtype: DType) => (a: number, b: number) => number;
  /** Pairs whose value nobody prescribes are left out. */
  readonly prescribed?: (a: number, b: number, dtype: DType) => boolean;
}

function casesOf(spec: Spec, dtype: DType): Case[] {
  const f = spec.reference(dtype);
  const result: DType = spec.kind === 'compare' ? 'bool' : dtype;
  const one = (name: string, a: NdArray, b: NdArray, layouts: readonly [Layout, Layout] = ['dense', 'dense']): Case => {
    const [p, q] = [conform(a, layouts[0]), conform(b, layouts[1])];
    return callCase(name, spec.kind, [{ values: p, layout: layouts[0] }, { values: q, layout: layouts[1] }], { op: spec.op } as never, zip(p, q, f, result), spec.tolerance);
  };
  const operands = (shape: readonly number[], seed: number): [NdArray, NdArray] => {
    const a = sample(dtype, shape, seed);
    const b = sample(dtype, shape, seed + 1);
    // every third pair is equal, so that comparisons and ties are met
    return [a, array(dtype, shape, Array.from(b.data, (v, k) => (k % 3 === 0 ? a.data[k]! : v)))];
  };
  const grid = awkward[dtype].flatMap((a) => awkward[dtype].map((b) => [a, b] as const)).filter(([a, b]) => spec.prescribed?.(a, b, dtype) ?? true);
  const same = sample(dtype, [3, 4], 77);
  return [
    ...pairs.map((layouts, k) => one(`${dtype}, ${layouts.join(' and ')}`, ...operands([2, 3, 5], 10 * k + 1), layouts)),
    one(`${dtype}, awkward pairs`, array(dtype, [grid.length], grid.map(([a]) => a)), array(dtype, [grid.length], grid.map(([, b]) => b))),
    ...[[], [1], [0], [3, 0, 2], [2, 1, 3, 1, 2]].map((shape, k) => one(`${dtype}, shape [${shape.join(', ')}]`, ...operands(shape, 200 + k))),
    {
      name: `${dtype}, one tensor as both operands`,
      dtypes: [dtype],
      async run(bench) {
        const x = bench.place(same);
        await bench.expect(bench.call(spec.kind, [x, x], { op: spec.op } as never)[0]!, zip(same, same, f, result), spec.tolerance);
      },
    },
    {
      name: `${dtype}, lengths 1 to 67`,
      dtypes: [dtype],
      async run(bench) {
        for (const n of [...Array.from({ length: 19 }, (_, k) => k + 1), 33, 67]) {
          const [a, b] = operands([n], n);
          await bench.expect(bench.call(spec.kind, [bench.place(a), bench.place(b)], { op: spec.op } as never)[0]!, zip(a, b, f, result), spec.tolerance, `${spec.op} of ${n} elements`);
        }
      },
    },
  ];
}

const dtypesOf = { number: ['float64', 'float32', 'int32'], float: ['float64', 'float32'], bool: ['bool'] } as const satisfies Record<string, readonly DType[]>;

function binarySpec(op: BinaryOp): Spec {
  const row: BinaryRow = binaryRows[op];
  const spec = { kind: 'binary', op, tolerance: row.tolerance, reference: (dtype: DType) => (dtype === 'int32' ? row.integer! : dtype === 'bool' ? row.bool! : row.real!) } as const;
  // C and JavaScript disagree on powers of ±1 to NaN and ±Infinity; 0 to a negative power has no int32 value
  if (op === 'pow') return { ...spec, prescribed: (a, b, dtype) => (dtype === 'int32' ? !(a === 0 && b < 0) && b < 100 : !(Math.abs(a) === 1 && !Number.isFinite(b))) };
  return spec;
}

/** Operands that `dtype` holds, against mpmath. */
function tabled(op: 'pow' | 'atan2'): Case[] {
  const { a, b, y } = binaryTable[op];
  return (['float64', 'float32'] as const).map((dtype) => {
    const held = [...a.keys()].filter((k) => dtype === 'float64' || (Math.fround(a[k]!) === a[k] && Math.fround(b[k]!) === b[k]));
    const pick = (values: readonly number[]): NdArray => array(dtype, [held.length], held.map((k) => values[k]!));
    return callCase(`${dtype}, table`, 'binary', [pick(a), pick(b)], { op }, pick(y), { ulps: 4 });
  });
}

/** Every binary kind and every comparison, on pairs of layouts and of awkward values. */
export function binaryGroups(): Group[] {
  const binary = (Object.keys(binaryRows) as BinaryOp[]).map((op) => ({
    name: `binary ${op}`,
    cases: [...dtypesOf[binaryKinds[op]].flatMap((dtype) => casesOf(binarySpec(op), dtype)), ...(op === 'pow' || op === 'atan2' ? tabled(op) : [])],
  }));
  const compare = (Object.keys(compareRows) as CompareOp[]).map((op) => ({
    name: `compare ${op}`,
    cases: (['float64', 'float32', 'int32', 'bool'] as const).flatMap((dtype) => casesOf({ kind: 'compare', op, tolerance: {}, reference: () => compareRows[op] }, dtype)),
  }));
  return [...binary, ...compare];
}
