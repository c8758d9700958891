import { type Backend, type BackendTensor, type Cell, type Decorator, type Level, RecordedWriteError, type Tensor, backendOf, borrowTensor, currentFrame, innerOf, liftTo, storageOf, wraps } from '@matheron/core-tensor';
import { Autodiff, Family } from '../autodiff.ts';
import { WrittenCells } from '../written-cells.ts';
import { type Tracked } from '../graph.ts';
import { type Mark, markOf } from './marks.ts';

/** The tape: one decorator per backend, for the life of the program; graphs hang on tensors alone. Calls are recorded while `record` runs. */
export const tape: Family = new Family(() => currentFrame().recording);

/** The variables that stand for a plain value on `member`. */
export function leavesOf(member: Backend, storage: BackendTensor): readonly Tracked[] {
  return (storage.variables as readonly Tracked[] | undefined)?.filter(({ step }) => step!.level === member) ?? [];
}

/** The variable of a marked Cell's present value: the same one for each read, so that a graph has one leaf for it. */
function leafFor(member: Autodiff, value: Tensor, mark: Mark): Tracked {
  // On the value itself: a table of values that come and go, step by step, would keep them from being freed early.
  const storage = storageOf(value), list = (storage.variables ??= []) as Tracked[];
  for (const leaf of list) if (leaf.step!.level === member && leaf.step!.mark === mark) return leaf;
  const leaf = member.variable(liftTo(value, member.inner));
  leaf.step!.mark = mark;
  list.push(leaf);
  return leaf;
}

/** What `record` puts on the stack: Gluon's tape above the levels that were running. */
export class TapeLevel implements Level {
  readonly family: Family = tape;
  readonly #below: readonly Level[];
  readonly #written = new WrittenCells();
  constructor(below: readonly Level[]) {
    this.#below = below;
  }

  decoratorOver(b: Backend): Autodiff | undefined {
    if (b instanceof Autodiff && b.family === tape && this.decoratorOver(b.inner) === b) return b;
    for (let k = this.#below.length - 1; k >= 0; k--) {
      const level = this.#below[k]!;
      const decorator = level.decoratorOver ? level.decoratorOver(b) : (level as Decorator);
      if (decorator && wraps(decorator, b)) return tape.over(decorator);
    }
    for (let x: Backend | undefined = b; x; x = innerOf(x)) if (x instanceof Autodiff && x.family === tape) return undefined;
    return tape.over(b);
  }
  readCell(cell: Cell, value: Tensor): Tensor {
    if (!currentFrame().recording) return value;
    const mark = markOf(cell);
    if (!mark) return this.#written.read(cell, value) ?? value;
    const member = this.decoratorOver(backendOf(value));
    return member ? borrowTensor(member, leafFor(member, value, mark), value.ctx) : value;
  }
  writeCell(cell: Cell, value: Tensor): Tensor {
    if (currentFrame().recording && markOf(cell)) {
      throw new RecordedWriteError('Cell.write: the value of a variable is being recorded; write outside of record, or in pause(() => …)');
    }
    return this.#written.write(cell, value, tape);
  }
}
