import { type BackendTensor, type Cell, type Tensor, storageOf } from '@matheron/core-tensor';
import type { Family } from './autodiff.ts';

/** What a running transformation wrote to Cells: below, the value without history; for its own readers, with it. */
export class WrittenCells {
  readonly #values = new Map<Cell, { readonly value: Tensor; readonly below: BackendTensor }>();
  /** Returns what the level below is to store. */
  write(cell: Cell, value: Tensor, family: Family): Tensor {
    if (!family.memberOf(value)) {
      this.#values.delete(cell);
      return value;
    }
    const below = family.lower(value);
    this.#values.set(cell, { value, below: storageOf(below) });
    return below;
  }
  /** What was written, unless the Cell has changed since. */
  read(cell: Cell, below: Tensor): Tensor | undefined {
    const entry = this.#values.get(cell);
    return entry && entry.below === storageOf(below) ? entry.value : undefined;
  }
}
