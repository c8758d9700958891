import { type DType, type Tensor, matmul, sizeOf } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { Activation, type ActivationName } from './activation.ts';

/** What {@link Dense} takes. */
export interface DenseOptions extends BlockOptions {
  activation?: ActivationName;
  /** true */
  useBias?: boolean;
  /** Whether all axes but the first are one: [n, …] → [n, inUnits]. true; otherwise the last axis is transformed. */
  flatten?: boolean;
  dtype?: DType;
  weightInitializer?: InitLike;
  /** 'zeros' */
  biasInitializer?: InitLike;
  /** Learned at the first forward where it is not given. */
  inUnits?: number;
}

/** y = activation(x Wᵀ + b) with a weight of [units, inUnits]: [n, …] → [n, units], or [..., inUnits] → [..., units] without `flatten`. */
export class Dense extends HybridBlock {
  readonly units: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly activation: Activation | undefined;
  readonly #flatten: boolean;
  constructor(units: number, options: DenseOptions = {}) {
    super({ alias: 'dense', ...options });
    if (!Number.isInteger(units) || units < 1) throw new ArgumentError('units', units, 'a positive integer');
    this.units = units;
    this.#flatten = options.flatten ?? true;
    const { dtype, weightInitializer } = options;
    this.weight = this.params.get('weight', { shape: [units, options.inUnits ?? 0], allowDeferredInit: true, ...(dtype && { dtype }), ...(weightInitializer !== undefined && { init: weightInitializer }) });
    this.bias = (options.useBias ?? true) ? this.params.get('bias', { shape: [units], allowDeferredInit: true, init: options.biasInitializer ?? 'zeros', ...(dtype && { dtype }) }) : undefined;
    this.activation = options.activation ? this.nameScope(() => new Activation(options.activation!, { prefix: `${options.activation}_` })) : undefined;
  }
  override inferShape(x: Tensor): void {
    this.weight.shape = [this.units, this.#columns(x)];
  }
  #columns(x: Tensor): number {
    return this.#flatten ? sizeOf(x.shape.slice(1)) : (x.shape.at(-1) ?? 1);
  }
  override forward(x: Tensor): Tensor {
    const rows = this.#flatten && x.ndim !== 2 ? x.reshape(x.shape[0] ?? 1, this.#columns(x)) : x;
    let y = matmul(rows, this.weight.data(x.ctx).T);
    if (this.bias) y = y.add(this.bias.data(x.ctx));
    return this.activation ? this.activation.call(y) : y;
  }
  override toString(): string {
    const inputs = this.weight.shape?.[1];
    return `Dense(${inputs !== undefined && inputs > 0 ? inputs : 'None'} -> ${this.units}, ${this.activation ?? 'linear'})`;
  }
}
