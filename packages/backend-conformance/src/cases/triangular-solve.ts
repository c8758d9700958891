import { type FloatDType, type TriangularSolveOptions, epsilonOf } from '@matheron/core-tensor';
import { type Bench, type Case, type Group, callCase } from '../bench.ts';
import { ConformanceError, expectTrue } from '../compare.ts';
import { type Layout, conform } from '../layouts.ts';
import { type NdArray, array, count, sample } from '../reference/array.ts';
import { type Matrix, absolute, general, lowerOf, matricesOf, matrix, multiply, round, stacked, transpose, upperOf } from '../reference/matrix.ts';

const floats: readonly FloatDType[] = ['float64', 'float32'];
const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const options: readonly TriangularSolveOptions[] = [true, false].flatMap((lower) =>
  [false, true].flatMap((transposed) => [false, true].flatMap((unitDiagonal) => (['left', 'right'] as const).map((side) => ({ lower, transpose: transposed, unitDiagonal, side })))));

function describe(o: TriangularSolveOptions): string {
  return `${o.lower ? 'lower' : 'upper'}${o.transpose ? ' transposed' : ''}${o.unitDiagonal ? ' unit' : ''} ${o.side}`;
}

/** A triangle with a dominant diagonal. */
function triangle(n: number, seed: number, dtype: FloatDType): Matrix {
  const g = general(n, n, seed, dtype);
  return round(matrix(n, n, (i, j) => (i === j ? Math.sign(g.data[i * n + i]!) * (1 + Math.abs(g.data[i * n + i]!)) : g.data[i * n + j]! / Math.sqrt(n))), dtype);
}

/** NaN wherever nobody may look. */
function hide(m: Matrix, o: TriangularSolveOptions): Matrix {
  return matrix(m.rows, m.columns, (i, j) => ((o.lower ? j > i : j < i) || (o.unitDiagonal && i === j) ? Number.NaN : m.data[i * m.columns + j]!));
}

/** |op(l) x − b| ≤ c n ε |op(l)| |x|, entry by entry: what every order of substitution satisfies (Higham, "Accuracy and Stability", §8.1). */
async function expectSolution(bench: Bench, l: NdArray, b: NdArray, o: TriangularSolveOptions, layouts: readonly [Layout, Layout] = ['dense', 'dense'], hidden = false): Promise<void> {
  const dtype = l.dtype as FloatDType;
  const n = l.shape.at(-1)!;
  const shown = hidden ? stacked(dtype, l.shape.slice(0, -2), [n, n], matricesOf(l).map((m) => hide(m, o))) : l;
  const x = await bench.read(bench.call('triangularSolve', [bench.place(shown, layouts[0]), bench.place(b, layouts[1])], o)[0]!);
  expectTrue(x.dtype === dtype && brackets(x.shape) === brackets(b.shape), `the solution is ${x.dtype} ${brackets(x.shape)}`);
  const rights = matricesOf(b);
  const solutions = matricesOf(x);
  for (const [k, m] of matricesOf(l).entries()) {
    const t = o.lower ? lowerOf(m, o.unitDiagonal) : upperOf(m, o.unitDiagonal);
    const a = o.transpose ? transpose(t) : t;
    const y = solutions[k]!;
    const product = o.side === 'left' ? multiply(a, y) : multiply(y, a);
    const allowed = o.side === 'left' ? multiply(absolute(a), absolute(y)) : multiply(absolute(y), absolute(a));
    const limit = bench.limit(4 * (n + 1) * epsilonOf(dtype));
    for (const [p, v] of product.data.entries()) {
      const difference = Math.abs(v - rights[k]!.data[p]!);
      if (!(difference <= limit * allowed.data[p]!)) throw new ConformanceError(`${describe(o)}: residual ${difference.toExponential(3)} at ${p} of matrix ${k}, more than ${(limit * allowed.data[p]!).toExponential(3)}`);
    }
  }
}

function operands(dtype: FloatDType, batch: readonly number[], n: number, m: number, o: TriangularSolveOptions): [NdArray, NdArray] {
  const l = stacked(dtype, batch, [n, n], Array.from({ length: count(batch) }, (_, k) => triangle(n, 3 * n + k, dtype)));
  return [l, sample(dtype, [...batch, ...(o.side === 'left' ? [n, m] : [m, n])], n + m)];
}

/** triangularSolve: all sixteen forms, on sizes around blocks, batches, layouts, with the other triangle hidden. */
export function triangularSolveGroups(): Group[] {
  const cases = floats.flatMap((dtype) => options.flatMap((o): Case[] => {
    const one = (name: string, batch: readonly number[], n: number, m: number, layouts: readonly [Layout, Layout] = ['dense', 'dense'], hidden = false): Case => ({
      name: `${dtype}, ${describe(o)}, ${name}`, dtypes: [dtype],
      run: (bench) => {
        const [l, b] = operands(dtype, batch, n, m, o);
        return expectSolution(bench, conform(l, layouts[0]), conform(b, layouts[1]), o, layouts, hidden);
      },
    });
    return [
      ...([[0, 2], [1, 1], [3, 0], [5, 3], [8, 1], [33, 4], [70, 33]] as const).map(([n, m]) => one(`n = ${n}, ${m} right-hand sides`, [], n, m)),
      one('batch [2, 3]', [2, 3], 4, 2), one('batch [0]', [0], 4, 2),
      one('transposed', [2], 5, 3, ['transposed', 'transposed']), one('sliced and reversed', [2], 5, 3, ['sliced', 'reversed']), one('broadcast', [2], 5, 3, ['broadcast', 'stretched']),
      one('the rest of l is not read', [2], 6, 3, ['dense', 'dense'], true), one('the rest of l is not read, n = 40', [], 40, 5, ['dense', 'dense'], true),
    ];
  }));
  const exactly = callCase(
    'float64, integers', 'triangularSolve', [array('float64', [3, 3], [2, 9, 9, 1, 1, 9, -3, 2, 4]), array('float64', [3, 2], [4, 2, 5, -1, 4, 9])],
    { lower: true, transpose: false, unitDiagonal: false, side: 'left' }, array('float64', [3, 2], [2, 1, 3, -2, 1, 4]), { ulps: 2 },
  );
  const singular: Case = {
    name: 'float64, a zero on the diagonal gives nothing finite in its row', dtypes: ['float64'],
    async run(bench) {
      const l = bench.place(array('float64', [2, 2], [0, 0, 1, 1]));
      const x = await bench.read(bench.call('triangularSolve', [l, bench.place(array('float64', [2, 1], [1, 1]))], { lower: true, transpose: false, unitDiagonal: false, side: 'left' })[0]!);
      expectTrue(!Number.isFinite(x.data[0]!) && !Number.isFinite(x.data[1]!), `the solution is [${x.data.join(', ')}]`);
    },
  };
  return [{ name: 'triangularSolve', cases: [...cases, exactly, singular] }];
}
