import { Cell, type Tensor } from '@matheron/core-tensor';
import type { LeafMark } from '../graph.ts';
import { add } from '../rules/algebra.ts';
import type { RowUpdates } from '../rules/rows.ts';

/** What backward does with a variable's gradient: replaces the last, adds to it, or nothing. */
export type GradReq = 'write' | 'add' | 'null';

/** Takes the gradient of a variable as rows. Parts may repeat rows; they add up. `req` 'write' replaces what was there, 'add' adds. */
export interface RowGradientSink {
  /** Takes one backward pass's gradient: `parts` by rows, and `dense` where some of it is no rows. */
  acceptRows(parts: readonly RowUpdates[], dense: Tensor | undefined, req: 'write' | 'add'): void;
}
/** Where a gradient goes: a Cell, or what takes rows. */
export type GradientTarget = Cell | RowGradientSink;

/** A variable of the tape: what is asked for, and where it goes. */
export class Mark implements LeafMark {
  gradReq: GradReq;
  target: GradientTarget;
  constructor(gradReq: GradReq, target: GradientTarget) {
    this.gradReq = gradReq;
    this.target = target;
  }
  get takesRows(): boolean {
    return !(this.target instanceof Cell);
  }
  /** One backward pass's gradient; `alone`: nobody else has it. */
  deliver(dense: Tensor | undefined, rows: readonly RowUpdates[], alone: boolean): void {
    const { gradReq, target } = this;
    if (gradReq === 'null') return;
    if (!(target instanceof Cell)) {
      target.acceptRows(rows, dense, gradReq);
      return;
    }
    if (alone && dense && gradReq === 'write' && rows.length === 0) {
      target.adopt(dense);
      return;
    }
    let g = dense;
    for (const part of rows) g = g ? add(g, part.toDense()) : part.toDense();
    if (g) target.write(gradReq === 'add' ? add(target.read(), g) : g);
  }
}

const marks = new WeakMap<Cell, Mark>();

/**
 * Makes a Cell a variable of the tape: under `record` its value is one when read, and `backward` puts the gradient into `gradient`, a Cell
 * of the same shape and dtype or a taker of rows. Marking again changes the request or the target; 'null' makes the Cell a constant.
 */
export function markCell(cell: Cell, gradReq: GradReq, gradient: GradientTarget): void {
  const mark = marks.get(cell);
  if (gradReq === 'null') unmarkCell(cell);
  else if (mark) {
    mark.gradReq = gradReq;
    mark.target = gradient;
  } else marks.set(cell, new Mark(gradReq, gradient));
}
/** Makes a Cell a constant again; graphs that were recorded no longer write its gradient. */
export function unmarkCell(cell: Cell): void {
  const mark = marks.get(cell);
  if (mark) mark.gradReq = 'null';
  marks.delete(cell);
}
/** Where the gradient of a marked Cell goes; undefined for others. */
export function gradientTarget(cell: Cell): GradientTarget | undefined {
  return marks.get(cell)?.target;
}
export function markOf(cell: Cell): Mark | undefined {
  return marks.get(cell);
}
