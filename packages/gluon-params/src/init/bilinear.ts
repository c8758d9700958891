import { type DType, type Shape, type Tensor, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';
import { Initializer } from './initializer.ts';

/** Bilinear interpolation as the kernel of a transposed convolution, [channels, …, height, width]. ArgumentError unless four-dimensional. */
export class Bilinear extends Initializer {
  override get kind(): string {
    return 'bilinear';
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    if (shape.length !== 4) throw new ArgumentError('init', `bilinear for ${name} of shape [${shape.join(', ')}]`, 'a parameter of four dimensions');
    const [height, width] = [shape[2]!, shape[3]!];
    const f = Math.ceil(width / 2);
    const c = (2 * f - 1 - (f % 2)) / (2 * f);
    const values = new Float64Array(shape[0]! * shape[1]! * height * width);
    for (let i = 0; i < values.length; i++) {
      const x = i % width;
      const y = Math.floor(i / width) % height;
      values[i] = (1 - Math.abs(x / f - c)) * (1 - Math.abs(y / f - c));
    }
    return tensor(values, { shape, dtype });
  }
}
