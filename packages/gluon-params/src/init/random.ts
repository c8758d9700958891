import { type DType, type Rng, type Shape, type Tensor } from '@matheron/core-tensor';
import { Initializer, type Setting } from './initializer.ts';

/** U(−scale, scale); scale 0.07. */
export class Uniform extends Initializer {
  readonly scale: number;
  constructor(scale = 0.07, options: { rng?: Rng } = {}) {
    super(options);
    this.scale = scale;
  }
  override get kind(): string {
    return 'uniform';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { scale: this.scale };
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return this.rng.uniform(shape, { low: -this.scale, high: this.scale, dtype });
  }
}

/** N(0, sigma²); sigma 0.01. */
export class Normal extends Initializer {
  readonly sigma: number;
  constructor(sigma = 0.01, options: { rng?: Rng } = {}) {
    super(options);
    this.sigma = sigma;
  }
  override get kind(): string {
    return 'normal';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { sigma: this.sigma };
  }
  override initWeight(_name: string, shape: Shape, dtype: DType): Tensor {
    return this.rng.normal(shape, { std: this.sigma, dtype });
  }
}
