import { type DType, type ReduceOp, type Shape, allocate } from '@matheron/core-tensor';
import { type CpuTensor, denseTensor, uniformTensor } from './cpu-tensor.ts';
import { reduceLoops } from './generated/reduce.ts';
import type { ReduceLoops } from './loops.ts';
import { makeNest } from './walk.ts';

/** Accumulators of one chunk of a row: they and the partial sums stay in the first-level cache. */
const chunk = 512;
/** Rows (or runs) that a float64 sum adds one by one; more are halved first, so that the error grows with log n. */
const straight = 64;

interface Axis { readonly size: number; readonly step: number }

/** The loops of a reduction, undefined where it isn't defined on the dtype. */
export function reductionOf(op: ReduceOp, dtype: DType): ReduceLoops | undefined {
  return reduceLoops[op][dtype];
}

/** Reduces `axes` of `x` and drops them. */
export function reduced(op: ReduceOp, loops: ReduceLoops, x: CpuTensor, axes: readonly number[]): CpuTensor {
  const shape = x.shape.filter((_, k) => !axes.includes(k));
  if (x.size === 0) return uniformTensor(loops.initial, shape, x.dtype);
  if (shape.length === 0 && x.step !== undefined) {
    const value = allocate(x.dtype, 1);
    value[0] = loops.vector(x.size, x.data, x.offset, x.step);
    return denseTensor(value, shape, x.dtype, []);
  }
  const out = denseTensor(allocate(x.dtype, shape.reduce((n, s) => n * s, 1)), shape, x.dtype);
  const pick = <T>(list: readonly T[], reduce: boolean): T[] => list.filter((_, k) => axes.includes(k) === reduce);
  const inner = makeNest(pick(x.shape, true), [pick(x.strides, true)]);
  const kept = makeNest(shape, [pick(x.strides, false), out.strides]);
  const runs = inner.sizes.map((size, k): Axis => ({ size, step: inner.steps[0]![k]! })).sort(bySpan);
  if (linesFirst(kept.sizes, kept.steps[0]!, runs.at(-1)!)) reduceLines(loops, x, runs, kept, out);
  else reduceRows(op, loops, x, runs, kept, out);
  return out;
}
const bySpan = (p: Axis, q: Axis): number => Math.abs(q.step) - Math.abs(p.step);

/** Whether to finish one result after the other (along lines) rather than many at once (along rows of results). */
function linesFirst(sizes: Shape, steps: readonly number[], run: Axis): boolean {
  const row = rowOf(sizes, steps);
  return sizes[row] === 1 || run.size >= 4 * sizes[row]! || (Math.abs(run.step) <= Math.abs(steps[row]!) && run.size >= 16);
}
/** The kept axis along which rows run: the one that steps least, short ones last. */
function rowOf(sizes: Shape, steps: readonly number[]): number {
  const cost = (k: number): number => Math.abs(steps[k]!) + (sizes[k]! < 8 ? 1e9 : 0);
  let best = sizes.length - 1;
  for (let k = best - 1; k >= 0; k--) if (cost(k) < cost(best)) best = k;
  return best;
}

interface Kept { readonly sizes: readonly number[]; readonly steps: readonly (readonly number[])[] }

function reduceLines(loops: ReduceLoops, x: CpuTensor, runs: readonly Axis[], kept: Kept, out: CpuTensor): void {
  const last = runs.length - 1, { data } = x;
  const line = (level: number, n: number, offset: number): number => {
    const { step } = runs[level]!;
    if (level === last) return loops.vector(n, data, offset, step);
    if (n === 1) return line(level + 1, runs[level + 1]!.size, offset);
    const half = n >> 1;
    return loops.combine(line(level, half, offset), line(level, n - half, offset + half * step));
  };
  const { sizes, steps } = kept;
  const visit = (level: number, xo: number, yo: number): void => {
    if (level === sizes.length) {
      out.data[yo] = line(0, runs[0]!.size, xo);
      return;
    }
    for (let k = 0; k < sizes[level]!; k++) visit(level + 1, xo + k * steps[0]![level]!, yo + k * steps[1]![level]!);
  };
  visit(0, x.offset, 0);
}

function reduceRows(op: ReduceOp, loops: ReduceLoops, x: CpuTensor, runs: readonly Axis[], kept: Kept, out: CpuTensor): void {
  const { data } = x, last = runs.length - 1;
  const { row, initial } = loops;
  // float32 and int32 accumulate in float64, where plain addition is exact enough.
  const pairwise = op === 'sum' && x.dtype === 'float64';
  const at = rowOf(kept.sizes, kept.steps[0]!);
  const length = kept.sizes[at]!, step = kept.steps[0]![at]!, outStep = kept.steps[1]![at]!;
  const width = Math.min(chunk, length);
  const accumulators = new Float64Array(width);
  const partial: Float64Array[] = [];
  const partialAt = (depth: number): Float64Array => (partial[depth] ??= new Float64Array(width)).fill(initial);

  const accumulate = (level: number, n: number, offset: number, m: number, y: Float64Array, depth: number): void => {
    const run = runs[level]!;
    if (pairwise && n > straight) {
      const half = n >> 1, rest = partialAt(depth);
      accumulate(level, half, offset, m, y, depth + 1);
      accumulate(level, n - half, offset + half * run.step, m, rest.fill(initial), depth + 1);
      row(m, rest, 0, 1, y);
    } else if (level === last) {
      for (let r = 0; r < n; r++) row(m, data, offset + r * run.step, step, y);
    } else {
      for (let r = 0; r < n; r++) {
        const inner = runs[level + 1]!.size, o = offset + r * run.step;
        if (!pairwise) accumulate(level + 1, inner, o, m, y, depth);
        else {
          const rest = partialAt(depth);
          accumulate(level + 1, inner, o, m, rest, depth + 1);
          row(m, rest, 0, 1, y);
        }
      }
    }
  };

  const outer = kept.sizes.map((_, k) => k).filter((k) => k !== at);
  const visit = (level: number, xo: number, yo: number): void => {
    if (level < outer.length) {
      const k = outer[level]!;
      for (let i = 0; i < kept.sizes[k]!; i++) visit(level + 1, xo + i * kept.steps[0]![k]!, yo + i * kept.steps[1]![k]!);
      return;
    }
    for (let start = 0; start < length; start += chunk) {
      const m = Math.min(chunk, length - start);
      accumulate(0, runs[0]!.size, xo + start * step, m, accumulators.fill(initial), 0);
      let o = yo + start * outStep;
      for (let k = 0; k < m; k++, o += outStep) out.data[o] = accumulators[k]!;
    }
  };
  visit(0, x.offset, 0);
}
