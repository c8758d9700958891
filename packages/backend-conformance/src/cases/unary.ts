import { type DType, type FloatDType, type UnaryOp, unaryKinds } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { ConformanceError } from '../compare.ts';
import { unaryTable } from '../generated/unary-table.ts';
import { conform, views } from '../layouts.ts';
import { type NdArray, array, generate } from '../reference/array.ts';
import { type UnaryRow, roundHalfEven, unaryRows } from '../reference/unary.ts';

const floats: readonly FloatDType[] = ['float64', 'float32'];
const ordinary = [
  0.25, -0.25, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3.5, 1, -1, 7.75, -7.75, 1e-3, -1e-3, 0.49999997, -0.49999997, 123456.5, -123457.5, 1e9, -1e9, 8388609, 4503599627370497,
  -9007199254740991, 1e20, 1e-30, -3.7e-12, 5e-324, -5e-324, 1.5e-310, 1e-45, -1e-40, 1.7e308, 3.4e38, 2 ** 30, 1e-160,
];
const integers = [0, 1, -1, 2, -2, 7, -13, 1000, -46341, 65536, 2 ** 31 - 1, -(2 ** 31), 123456789, -987654321, 3, 5];
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];

interface Points { readonly x: readonly number[]; readonly y: readonly number[] }
type Values = { readonly x: NdArray; readonly y: NdArray };

/** Arguments that `dtype` holds, with the values they must give. */
function pointsOf(op: UnaryOp, row: UnaryRow, dtype: DType): Points {
  if (dtype === 'int32') return { x: integers, y: integers.map(row.integer!) };
  if (dtype === 'bool') return { x: [0, 1], y: [0, 1].map(row.definition!) };
  if (row.definition) {
    const x = dtype === 'float32' ? ordinary.map(Math.fround) : ordinary;
    return { x, y: x.map(row.definition) };
  }
  const table = unaryTable[op];
  if (!table) throw new ConformanceError(`unary ${op}: give its row in reference/unary.ts a definition, or its points to tooling/oracle/conformance.py`);
  const held = table.x.map((_, k) => k).filter((k) => dtype === 'float64' || Math.fround(table.x[k]!) === table.x[k]);
  return { x: held.map((k) => table.x[k]!), y: held.map((k) => table.y[k]!) };
}

/** An array filled with points in turn, from the `first` on. */
function fill(op: UnaryOp, points: Points, dtype: DType, shape: readonly number[], first = 0): Values {
  const n = points.x.length;
  let p = first;
  const order = generate('int32', shape, () => p++ % n).data;
  const result = unaryKinds[op] === 'bool' ? 'bool' : dtype;
  return { x: array(dtype, shape, Array.from(order, (k) => points.x[k]!)), y: array(result, shape, Array.from(order, (k) => points.y[k]!)) };
}

function casesOf(op: UnaryOp): Case[] {
  const row: UnaryRow = unaryRows[op];
  const kind = unaryKinds[op];
  const dtypes: readonly DType[] = op === 'logicalNot' ? ['bool'] : kind === 'same' ? [...floats, 'int32'] : floats;
  const one = (name: string, { x, y }: Values, layout: Parameters<typeof conform>[1] = 'dense'): Case =>
    callCase(name, 'unary', [{ values: conform(x, layout), layout }], { op }, conform(y, layout), row.tolerance);
  const cases: Case[] = [];
  for (const dtype of dtypes) {
    const points = pointsOf(op, row, dtype);
    cases.push(one(`${dtype}, values`, fill(op, points, dtype, [points.x.length])));
    for (const [k, layout] of views.entries()) cases.push(one(`${dtype}, ${layout}`, fill(op, points, dtype, [2, 3, 5], 7 * k + 3), layout));
    if (dtype === 'float64' || dtype === 'float32') {
      const held = specials.filter((_, k) => row.special[k] !== undefined);
      cases.push(one(`${dtype}, NaN, ±Infinity, ±0`, fill(op, { x: held, y: row.special.filter((y) => y !== undefined) }, dtype, [held.length])));
    }
    for (const shape of [[], [1], [0], [2, 0, 3], [2, 1, 3, 1, 2]]) {
      if (dtype !== 'float32') cases.push(one(`${dtype}, shape [${shape.join(', ')}]`, fill(op, points, dtype, shape, 2)));
    }
    cases.push(lengths(op, row, dtype, points));
  }
  const huge = unaryTable[`${op}Huge`];
  if (huge) cases.push(one('float64, huge arguments', fill(op, huge, 'float64', [huge.x.length])));
  return cases;
}

/** Every length up to 19 and some beyond, so that each remainder of a vector loop is met. */
function lengths(op: UnaryOp, row: UnaryRow, dtype: DType, points: Points): Case {
  const fills = [...Array.from({ length: 19 }, (_, k) => k + 1), 31, 33, 64, 131].map((n) => fill(op, points, dtype, [n], n));
  return {
    name: `${dtype}, lengths 1 to 131`,
    dtypes: [dtype],
    async run(bench) {
      for (const { x, y } of fills) await bench.expect(bench.call('unary', [bench.place(x)], { op })[0]!, y, row.tolerance, `${op} of ${x.shape[0]} elements`);
    },
  };
}

/** Half to even, stated without the definition that the row uses. */
const rounding = (): Case => callCase(
  'round: halves go to even', 'unary', [array('float64', [8], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 4503599627370495.5, roundHalfEven(2 ** 53)])], { op: 'round' },
  array('float64', [8], [0, 2, 2, -0, -2, -2, 4503599627370496, 2 ** 53]),
);

/** Every unary kind: its values, its special values, every layout, every dtype it is defined on. */
export function unaryGroups(): Group[] {
  return [...(Object.keys(unaryRows) as UnaryOp[]).map((op) => ({ name: `unary ${op}`, cases: casesOf(op) })), { name: 'unary rounding', cases: [rounding()] }];
}
