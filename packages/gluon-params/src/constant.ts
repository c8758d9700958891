import { type CsrTensor, type RowSparseTensor, type Tensor, type TensorLike, tensor, warn } from '@matheron/core-tensor';
import type { GradReq } from '@matheron/autograd';
import { Constant as ConstantInit } from './init/constant.ts';
import type { InitLike } from './init/initializer.ts';
import { Parameter } from './parameter.ts';
import { denseValue } from './sparse-values.ts';

/** A parameter that never changes by training: its gradReq is 'null', its first data `value`, whose shape and dtype it has. */
export class Constant extends Parameter {
  #value: Tensor;
  constructor(name: string, value: TensorLike) {
    const x = tensor(value);
    super(name, { gradReq: 'null', shape: x.shape, dtype: x.dtype, init: new ConstantInit(x), differentiable: false });
    this.#value = x;
  }
  /** What it holds, or will hold once initialized. */
  get value(): Tensor {
    return this.initialized ? this.reduce() : this.#value;
  }
  override get gradReq(): GradReq {
    return 'null';
  }
  override set gradReq(value: GradReq) {
    if (value !== 'null') warn('constant-grad-req', `the constant ${this.name} has no gradient; gradReq '${value}' is ignored`);
  }
  /** An explicit `init` counts more than the value, the value more than a default. */
  protected override chooseInit(init: InitLike | undefined): InitLike {
    return init ?? this.init ?? new ConstantInit(this.#value);
  }
  override setData(value: TensorLike | RowSparseTensor | CsrTensor): void {
    super.setData(value);
    this.#value = denseValue(value, this.listCtx()[0]!);
  }
}
