import * as Ops from '@matheron/core-tensor';
import { type Tensor, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { Block, type BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import type { F } from '../types.ts';

/** [n, …] → [n, rest]. */
export class Flatten extends HybridBlock {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'flatten', ...options });
  }
  override forward(x: Tensor): Tensor {
    return x.reshape(x.shape[0] ?? 1, sizeOf(x.shape.slice(1)));
  }
  override toString(): string {
    return 'Flatten';
  }
}

/** The identity. */
export class Identity extends HybridBlock {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'identity', ...options });
  }
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** A function as a block; a name stands for the function of core-tensor. */
export class Lambda extends Block {
  readonly #f: (x: Tensor) => Tensor;
  readonly #label: string;
  constructor(fn: ((x: Tensor) => Tensor) | string, options: BlockOptions = {}) {
    super({ alias: 'lambda', ...options });
    this.#label = typeof fn === 'function' ? fn.name || '<lambda>' : fn;
    this.#f = functionOf(fn) as (x: Tensor) => Tensor;
  }
  override forward(x: Tensor): Tensor {
    return this.#f(x);
  }
  override toString(): string {
    return `Lambda(${this.#label})`;
  }
}

/** A function `(F, x) => y` as a hybrid block; a name stands for the function of core-tensor. */
export class HybridLambda extends HybridBlock {
  readonly #f: (x: Tensor) => Tensor;
  readonly #label: string;
  constructor(fn: ((F: F, x: Tensor) => Tensor) | string, options: BlockOptions = {}) {
    super({ alias: 'hybridlambda', ...options });
    this.#label = typeof fn === 'function' ? fn.name || '<lambda>' : fn;
    const f = functionOf(fn);
    this.#f = typeof fn === 'function' ? (x) => fn(Ops, x) : (f as (x: Tensor) => Tensor);
  }
  override forward(x: Tensor): Tensor {
    return this.#f(x);
  }
  override toString(): string {
    return `HybridLambda(${this.#label})`;
  }
}

function functionOf(fn: unknown): unknown {
  if (typeof fn === 'function') return fn;
  if (typeof fn !== 'string') throw new ArgumentError('fn', fn, 'a function, or the name of one of core-tensor');
  const found = (Ops as Record<string, unknown>)[fn];
  if (typeof found !== 'function' || !/^[a-z]/.test(fn)) {
    const nearest = Ops.nearestName(fn, Object.keys(Ops));
    throw new ArgumentError('fn', fn, `the name of a function of core-tensor${nearest ? `; did you mean '${nearest}'?` : ''}`);
  }
  return found;
}
