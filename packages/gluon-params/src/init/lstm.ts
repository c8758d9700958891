import { type DType, type Shape, type Tensor, tensor } from '@matheron/core-tensor';
import { Initializer, type Setting } from './initializer.ts';

/** The biases of an LSTM's four gates: `forgetBias` for the second quarter, the forget gate, 0 elsewhere. */
export class LSTMBias extends Initializer {
  readonly forgetBias: number;
  constructor(forgetBias = 1) {
    super();
    this.forgetBias = forgetBias;
  }
  override get kind(): string {
    return 'lstmbias';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { forget_bias: this.forgetBias };
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return tensor(gateBias(shape[0] ?? 0, this.forgetBias), { shape, dtype });
  }
}

/** `forgetBias` in the second of four equal parts, 0 elsewhere. */
export function gateBias(size: number, forgetBias: number): Float64Array {
  const hidden = Math.floor(size / 4);
  return new Float64Array(size).fill(forgetBias, hidden, 2 * hidden);
}
