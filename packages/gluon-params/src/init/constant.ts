import { type DType, type Shape, Tensor, type TensorLike, broadcastTo, full, ones, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';
import { Initializer, type Setting } from './initializer.ts';

/** Zeros. */
export class Zero extends Initializer {
  override get kind(): string {
    return 'zero';
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return zeros(shape, { dtype });
  }
}

/** Ones. */
export class One extends Initializer {
  override get kind(): string {
    return 'one';
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return ones(shape, { dtype });
  }
}

/** A number, or an array that broadcasts to the parameter's shape. */
export class Constant extends Initializer {
  readonly value: TensorLike;
  constructor(value: TensorLike) {
    super();
    if (value === undefined || value === null) throw new ArgumentError('value', value, 'a number or an array: init.Constant has no default');
    this.value = value;
  }
  override get kind(): string {
    return 'constant';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    const { value } = this;
    return { value: (value instanceof Tensor ? value.toArray() : ArrayBuffer.isView(value) ? Array.from(value) : value) as Setting };
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return typeof this.value === 'number' ? full(shape, this.value, { dtype }) : broadcastTo(tensor(this.value, { dtype }), shape);
  }
}
