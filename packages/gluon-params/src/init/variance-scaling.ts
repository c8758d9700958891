import { type DType, type Rng, type Shape, type Tensor, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';
import { Initializer, type Setting } from './initializer.ts';

/** Settings of {@link Xavier}. */
export interface XavierOptions {
  /** 'uniform' */
  rndType?: 'uniform' | 'gaussian';
  /** 'avg' */
  factorType?: 'avg' | 'in' | 'out';
  /** 3 */
  magnitude?: number;
  rng?: Rng;
}

/**
 * U(−s, s) or N(0, s²) with s = √(magnitude / factor), where factor is the fan-in (inputs times receptive field), the fan-out or their
 * mean. ArgumentError for fewer than two dimensions.
 *
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
 */
export class Xavier extends Initializer {
  readonly rndType: 'uniform' | 'gaussian';
  readonly factorType: 'avg' | 'in' | 'out';
  readonly magnitude: number;
  constructor(options: XavierOptions = {}) {
    super(options);
    this.rndType = options.rndType ?? 'uniform';
    this.factorType = options.factorType ?? 'avg';
    this.magnitude = options.magnitude ?? 3;
    if (this.rndType !== 'uniform' && this.rndType !== 'gaussian') throw new ArgumentError('rndType', this.rndType, "'uniform' or 'gaussian'");
    if (!['avg', 'in', 'out'].includes(this.factorType)) throw new ArgumentError('factorType', this.factorType, "'avg', 'in' or 'out'");
  }
  override get kind(): string {
    return 'xavier';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { rnd_type: this.rndType, factor_type: this.factorType, magnitude: this.magnitude };
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    if (shape.length < 2) {
      throw new ArgumentError('init', `${this.kind} for ${name} of shape [${shape.join(', ')}]`, "a parameter of at least two dimensions; give vectors another init, for example 'zeros'");
    }
    const field = sizeOf(shape.slice(2));
    const [fanIn, fanOut] = [shape[1]! * field, shape[0]! * field];
    const factor = { avg: (fanIn + fanOut) / 2, in: fanIn, out: fanOut }[this.factorType];
    const scale = Math.sqrt(this.magnitude / factor);
    return this.rndType === 'uniform' ? this.rng.uniform(shape, { low: -scale, high: scale, dtype }) : this.rng.normal(shape, { std: scale, dtype });
  }
}

/**
 * Gaussian {@link Xavier} of magnitude 2 / (1 + slope²), for layers before a (leaky) rectifier of that slope.
 *
 * He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export class MSRAPrelu extends Xavier {
  readonly slope: number;
  constructor(options: { factorType?: 'avg' | 'in' | 'out'; slope?: number; rng?: Rng } = {}) {
    const slope = options.slope ?? 0.25;
    super({ ...options, rndType: 'gaussian', magnitude: 2 / (1 + slope * slope) });
    this.slope = slope;
  }
  override get kind(): string {
    return 'msraprelu';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { factor_type: this.factorType, slope: this.slope };
  }
}
