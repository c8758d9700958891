import type { Range, Shape, Widths } from '@matheron/core-tensor';
import { rangeSize, sizeOf } from '@matheron/core-tensor';
import type { Handle, Kit } from './kit.ts';

/** Up to here every engine has kernels; what is beyond is done axis by axis. */
const RANK = 4;

/** The shape around an axis: [before, axis, after]. */
export function around(shape: Shape, axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** Runs of axes that keep together under a permutation become one axis; axes of size 1 vanish. */
export function permute(kit: Kit, x: Handle, axes: readonly number[]): Handle {
  const target = axes.map((a) => x.shape[a]!);
  const runs: number[][] = [];
  for (const a of axes) {
    if (x.shape[a] === 1) continue;
    const run = runs.at(-1);
    if (run && followsOn(x.shape, run.at(-1)!, a)) run.push(a);
    else runs.push([a]);
  }
  const order = [...runs.keys()].sort((p, q) => runs[p]![0]! - runs[q]![0]!);
  if (runs.length <= 1) return kit.reshape(x, target);
  return kit.tidy(() => {
    const sizes = order.map((k) => sizeOf(runs[k]!.map((a) => x.shape[a]!)));
    const moved = transposed(kit, kit.reshape(x, sizes), runs.map((_, k) => order.indexOf(k)));
    return kit.reshape(moved, target);
  });
}
/** Whether axis b lies right behind axis a, axes of size 1 aside. */
function followsOn(shape: Shape, a: number, b: number): boolean {
  if (b <= a) return false;
  for (let k = a + 1; k < b; k++) if (shape[k] !== 1) return false;
  return true;
}
/** A transposition of any rank: beyond RANK, the axis that is to be outermost is moved to the front, one after another. */
function transposed(kit: Kit, x: Handle, axes: readonly number[]): Handle {
  if (axes.length <= RANK) return kit.transpose(x, axes);
  let current = x;
  const order = axes.map((_, k) => k);
  for (let k = axes.length - 1; k >= 0; k--) {
    const from = order.indexOf(axes[k]!);
    const sizes = order.map((a) => x.shape[a]!);
    const [before, size, after] = around(sizes, from);
    current = kit.transpose(kit.reshape(current, [before, size, after]), [1, 0, 2]);
    order.unshift(...order.splice(from, 1));
  }
  return current;
}

export function broadcastTo(kit: Kit, x: Handle, shape: Shape): Handle {
  const runs: { from: number; to: number }[] = [];
  for (const [k, to] of shape.entries()) {
    const from = x.shape[k]!;
    if (to === 1) continue;
    const run = runs.at(-1);
    const stretched = from !== to;
    if (run && (run.from !== run.to) === stretched) {
      run.from *= from;
      run.to *= to;
    } else runs.push({ from, to });
  }
  return kit.tidy(() => {
    if (runs.length <= RANK) return kit.reshape(kit.tile(kit.reshape(x, runs.map((r) => r.from)), runs.map((r) => r.to / r.from)), shape);
    let current = x;
    const sizes = runs.map((r) => r.from);
    for (const [k, { from, to }] of runs.entries()) {
      if (from === to) continue;
      const [before, size, after] = around(sizes, k);
      current = kit.tile(kit.reshape(current, [before, size, after]), [1, to / from, 1]);
      sizes[k] = to;
    }
    return kit.reshape(current, shape);
  });
}

export function concat(kit: Kit, xs: readonly Handle[], axis: number, shape: Shape): Handle {
  if (xs.length === 1) return kit.reshape(xs[0]!, shape);
  const rows = sizeOf(shape.slice(0, axis));
  return kit.tidy(() => kit.reshape(kit.concat(xs.map((x) => kit.reshape(x, [rows, sizeOf(x.shape) / rows])), 1), shape));
}

/** Axis by axis; steps other than 1 by gathering. */
export function slice(kit: Kit, x: Handle, ranges: readonly Range[]): Handle {
  const target = ranges.map(rangeSize);
  const cut = [...ranges.keys()].filter((k) => ranges[k]!.start !== 0 || target[k] !== x.shape[k] || (ranges[k]!.step !== 1 && target[k]! > 1));
  if (cut.length === 0) return kit.reshape(x, target);
  const plain = cut.every((k) => ranges[k]!.step === 1 || target[k] === 1);
  if (plain && x.shape.length <= RANK) return kit.slice(x, ranges.map((r) => r.start), target);
  return kit.tidy(() => {
    let current = x;
    const sizes = [...x.shape];
    for (const k of cut) {
      const { start, step } = ranges[k]!;
      const count = target[k]!;
      const [before, size, after] = around(sizes, k);
      const folded = kit.reshape(current, [before, size, after]);
      if (step === 1 || count === 1) current = kit.slice(folded, [0, start, 0], [before, count, after]);
      else current = kit.gather(folded, kit.upload(Int32Array.from({ length: count }, (_, i) => start + i * step), [count], 'int32'), 1);
      sizes[k] = count;
    }
    return kit.reshape(current, target);
  });
}

/** Interior padding first, then what is cropped, then what is added. */
export function pad(kit: Kit, x: Handle, widths: readonly Widths[], value: number, target: Shape): Handle {
  return kit.tidy(() => {
    let current = x;
    const sizes = [...x.shape];
    for (const [k, { low, high, interior }] of widths.entries()) {
      if (low === 0 && high === 0 && interior === 0) continue;
      if (interior > 0 && sizes[k]! > 1) {
        const [before, size, after] = around(sizes, k);
        const spread = kit.pad(kit.reshape(current, [before * size, 1, after]), [[0, 0], [0, interior], [0, 0]], value);
        const width = (size - 1) * (interior + 1) + 1;
        current = kit.slice(kit.reshape(spread, [before, size * (interior + 1), after]), [0, 0, 0], [before, width, after]);
        sizes[k] = width;
      }
      if (low < 0 || high < 0) {
        const [before, size, after] = around(sizes, k);
        const [from, to] = [Math.max(0, -low), size - Math.max(0, -high)];
        current = kit.slice(kit.reshape(current, [before, size, after]), [0, from, 0], [before, to - from, after]);
        sizes[k] = to - from;
      }
      if (low > 0 || high > 0) {
        const [before, size, after] = around(sizes, k);
        const added: [number, number] = [Math.max(0, low), Math.max(0, high)];
        current = kit.pad(kit.reshape(current, [before, size, after]), [[0, 0], added, [0, 0]], value);
        sizes[k] = size + added[0] + added[1];
      }
    }
    return kit.reshape(current, target);
  });
}
