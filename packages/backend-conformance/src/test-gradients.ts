import { type Context, type FloatDType, type Tensor, type UnaryOp, sum, tensor, unaryKinds, withContext, run1 } from '@matheron/core-tensor';
import { grad } from '@matheron/autograd';
import type { Bench, Case, Group } from './bench.ts';
import { ConformanceError, expectTrue } from './compare.ts';
import { derivativeTable } from './generated/derivative-table.ts';
import { type AwkwardRow, awkwardRows } from './gradients/awkward.ts';
import { type CheckOptions, checkGradientsAsync } from './gradients/check-gradients.ts';
import type { Point, Row } from './gradients/row.ts';
import { customRows, gradientTable } from './gradients/table.ts';
import { type Runner, register } from './suite.ts';

/** A transformation of functions must be entered on the context; the check itself may wait for the device in between. */
function onContext(ctx: Context, f: (...x: Tensor[]) => Tensor): (...x: Tensor[]) => Tensor {
  return (...x) => withContext(ctx, () => f(...x));
}

function place({ ctx }: Bench, { shape, values }: Point, dtype: FloatDType): Tensor {
  return tensor(Float64Array.from(values), { ctx, shape, dtype });
}

function check(name: string, row: Row, dtype: FloatDType, options: CheckOptions): Case {
  return {
    name, dtypes: [dtype],
    run(bench) {
      const rtol = row.rtol !== undefined || bench.tolerance !== undefined ? { rtol: bench.limit(row.rtol ?? 0) } : {};
      return checkGradientsAsync(onContext(bench.ctx, row.f), row.x.map((p) => place(bench, p, dtype)), { ...options, ...(dtype === 'float64' ? rtol : {}) });
    },
  };
}

function casesOf(row: Row): Case[] {
  const order = row.order ?? 2;
  return [
    check(`${row.name}, reverse`, row, 'float64', { order: 1, modes: ['reverse'] }),
    check(`${row.name}, forward`, row, 'float64', { order: 1, modes: ['forward'] }),
    ...(order === 2 ? [check(`${row.name}, second order`, row, 'float64', { order: 2, modes: ['reverse'] })] : []),
    check(`${row.name}, float32`, row, 'float32', { order: 1, modes: ['reverse'] }),
  ];
}

/** Gradients of Σ f against stated values. */
async function expectGradients(bench: Bench, { f, x, gradients }: AwkwardRow, dtype: FloatDType, tolerance: number): Promise<void> {
  const point = x.map((p) => place(bench, p, dtype));
  const found = withContext(bench.ctx, () => grad((z: Tensor[]) => sum(f(...z)))(point as never));
  for (const [k, g] of found.entries()) {
    const data = await g.data();
    expectTrue(data.length === gradients[k]!.length, `the gradient of argument ${k} has ${data.length} elements`);
    for (const [p, expected] of gradients[k]!.entries()) {
      const value = data[p]!;
      const good = expected === undefined ? Number.isFinite(value) : Math.abs(value - expected) <= bench.limit(tolerance) * Math.max(1, Math.abs(expected));
      if (!good) throw new ConformanceError(`the gradient of argument ${k} is ${value} at ${p}, expected ${expected ?? 'anything finite'}`);
    }
  }
}

/** tanh′ = 1 − y² holds only absolutely where y is near ±1. */
const absolute: Partial<Record<UnaryOp, number>> = { tanh: 1e-15 };

function tails(op: UnaryOp): Case {
  const { x, y } = derivativeTable[op]!;
  return {
    name: `${op}′ in the tails`, dtypes: ['float64'],
    async run(bench) {
      const g = withContext(bench.ctx, () => grad((z: Tensor) => sum(run1('unary', [z], { op })))(place(bench, { shape: [x.length], values: x }, 'float64')));
      for (const [p, value] of (await g.data()).entries()) {
        const allowed = bench.limit(1e-10) * Math.abs(y[p]!) + (absolute[op] ?? 0);
        if (!(Math.abs(value - y[p]!) <= allowed)) throw new ConformanceError(`${op}′(${x[p]}) is ${value}, expected ${y[p]}`);
      }
    },
  };
}

/** Every group of gradient cases. */
export function gradientGroups(): Group[] {
  const kinds = Object.entries(gradientTable).flatMap(([kind, rows]) => ('none' in rows ? [] : [{ name: `gradients of ${kind}`, cases: rows.flatMap(casesOf) }]));
  return [
    ...kinds,
    { name: 'stated gradients', cases: customRows.flatMap(casesOf) },
    {
      name: 'gradients where they are awkward',
      cases: awkwardRows.flatMap((row) => (['float64', 'float32'] as const).map((dtype): Case => ({ name: `${row.name}, ${dtype}`, dtypes: [dtype], run: (bench) => expectGradients(bench, row, dtype, dtype === 'float64' ? 1e-12 : 1e-5) }))),
    },
    { name: 'gradients in the tails', cases: (Object.keys(unaryKinds) as UnaryOp[]).filter((op) => derivativeTable[op]).map(tails) },
  ];
}

/**
 * Checks differentiation on a context: every differentiable kind and factorization in reverse, forward and to second order
 * against differences (`checkGradients`), the conventions where a derivative does not exist, and derivatives in the tails against a table.
 * Returns how many cases there are.
 */
export function testGradients(make: () => Context | Promise<Context>, options: Runner): { cases: number } {
  return register(make, gradientGroups(), options);
}
