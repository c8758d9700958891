import { ContextError } from './errors.ts';
import { type Decorator, innerOf } from './dispatch.ts';
import { currentFrame } from './stack.ts';
import { type TensorLike, asTensor } from './operands.ts';
import { type Tensor, backendOf, storageOf, wrapTensor } from './tensor.ts';

/**
 * The one mutable thing: a parameter's data on a context, running statistics, optimizer state, a generator's counter. Tensors
 * are immutable; a Cell holds one and is written by replacing it. Running transformations see reads and writes: `autodiff` may make a
 * read a variable, `compile` makes a read an implicit input and a write an implicit output.
 */
export class Cell {
  #value: Tensor;
  #version = 0;
  /** How many others may have the value: Infinity, or as many as have it on loan. */
  #others = Infinity;
  constructor(value: TensorLike) {
    this.#value = plain(asTensor('Cell', value));
    currentFrame().scope?.keep(this.#value);
  }
  /** The present value, as the running transformations present it. */
  read(): Tensor {
    this.#others = Infinity;
    return this.lend();
  }
  /** `read` for who gives the value back, and keeps nothing of it then: see `giveBack`. */
  lend(): Tensor {
    this.#others++;
    let value = this.#value;
    for (const level of currentFrame().levels) if (level.readCell) value = level.readCell(this, value);
    return value;
  }
  /** Replaces the value; shape and dtype are free to change. ContextError for a value that belongs to a transformation that has ended. */
  write(value: TensorLike): void {
    let next: Tensor | undefined = asTensor('Cell.write', value);
    const { levels } = currentFrame();
    for (let k = levels.length - 1; k >= 0 && next; k--) {
      const level = levels[k]!;
      if (level.writeCell) next = level.writeCell(this, next);
    }
    if (next) this.replace(next);
  }
  /** Writes past the running transformations: for those who implement them. */
  replace(value: Tensor): void {
    const before = this.#value, next = plain(value);
    if (this.#others === 0 && before !== next) backendOf(before).reuse?.(storageOf(before));
    this.#others = Infinity;
    this.#value = next;
    this.#version++;
    currentFrame().scope?.keep(this.#value);
  }
  /**
   * `write` of a value that nobody else has: should the Cell be written again before anyone has read it, its memory may serve again. For those who
   * compute gradients and states, step by step.
   */
  adopt(value: Tensor): void {
    this.write(value);
    if (currentFrame().levels.length === 0 && this.#value === value) this.#others = 0;
  }
  /** The plain value, past the running transformations. */
  peek(): Tensor {
    this.#others = Infinity;
    return this.#value;
  }
  /** Ends a loan: `version` is that of the Cell when it lent. A value that is never given back is never used again. */
  giveBack(version: number): void {
    if (version === this.#version) this.#others--;
  }
  /** `peek` for who computes with the value at once and keeps nothing of it, no window on it either. */
  borrow(): Tensor {
    return this.#value;
  }
  /** Counts writes. */
  get version(): number {
    return this.#version;
  }
}

function plain(value: Tensor): Tensor {
  let b = backendOf(value);
  if (!innerOf(b)) return value;
  let storage = storageOf(value);
  for (let inner = innerOf(b); inner; inner = innerOf(b)) {
    const below = (b as Decorator).lower?.(storage);
    if (below === undefined) {
      throw new ContextError(`Cell.write: the value belongs to ${b.name}; write inside the transformation, or write x.detach()`, [b.name]);
    }
    storage = below;
    b = inner;
  }
  return wrapTensor(b, storage, value.ctx);
}
