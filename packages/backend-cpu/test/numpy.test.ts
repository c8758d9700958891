import { readFileSync } from 'node:fs';
import type { ArgReduceOp, BinaryOp, CompareOp, CumulativeOp, DType, ReduceOp, UnaryOp } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import type { CpuTensor } from '../src/index.ts';
import { type Packed, b, difference, layouts, unpack, values } from './support.ts';

interface Case {
  readonly method: 'unary' | 'binary' | 'compare' | 'reduce' | 'argReduce' | 'cumulative' | 'sort' | 'gather' | 'scatterAdd' | 'matmul';
  readonly op?: string;
  readonly axis?: number;
  readonly axes?: readonly number[];
  readonly inputs: readonly Packed[];
  readonly output: Packed;
  readonly indices?: Packed;
}
const cases = JSON.parse(readFileSync(new URL('./fixtures/numpy.json', import.meta.url), 'utf8')) as Case[];

function outputs(c: Case, x: readonly CpuTensor[]): CpuTensor[] {
  const [p, q, r] = x as [CpuTensor, CpuTensor, CpuTensor];
  switch (c.method) {
    case 'unary': return [b.unary(c.op as UnaryOp, p)];
    case 'binary': return [b.binary(c.op as BinaryOp, p, q)];
    case 'compare': return [b.compare(c.op as CompareOp, p, q)];
    case 'reduce': return [b.reduce(c.op as ReduceOp, p, c.axes!)];
    case 'argReduce': return [b.argReduce(c.op as ArgReduceOp, p, c.axis!)];
    case 'cumulative': return [b.cumulative(c.op as CumulativeOp, p, c.axis!)];
    case 'sort': {
      const done = b.sort(p, c.axis!);
      return [done.values, done.indices];
    }
    case 'gather': return [b.gather(p, q, c.axis!)];
    case 'scatterAdd': return [b.scatterAdd(p, q, r, c.axis!)];
    case 'matmul': return [b.matmul(p, q)];
  }
}
/** NumPy rounds float32 after each step; sums here are rounded once. Elsewhere the last bits of transcendental functions differ. */
const tolerances: Record<DType, number> = { float64: 1e-13, float32: 5e-6, int32: 0, bool: 0 };

describe('as NumPy', () => {
  it.each(cases.map((c, k) => ({ ...c, name: `${k}: ${c.method} ${c.op ?? ''} ${c.axes ?? c.axis ?? ''} ${c.inputs[0]!.dtype} [${c.inputs[0]!.shape}]` })))('$name', (c) => {
    const expected = [c.output, ...(c.indices ? [c.indices] : [])];
    // Which zero is the larger one is up to the processor in NumPy.
    const signs = (c.method === 'binary' && c.op !== 'maximum' && c.op !== 'minimum') || c.method === 'unary';
    const inputs = c.inputs.map(unpack).map(layouts);
    for (let k = 0; k < inputs[0]!.length; k++) {
      // Each operand in a layout of its own.
      outputs(c, inputs.map((list, q) => list[(k + q) % list.length]!)).forEach((y, q) => {
        const e = expected[q]!;
        expect(y.dtype).toBe(e.dtype);
        expect(y.shape).toEqual(e.shape);
        expect(difference(values(y), e.values.map(Number), tolerances[e.dtype], signs), `layout ${k}`).toBeUndefined();
      });
    }
  });
});
