import { type DType, type Rng, type Shape, type Tensor, sameShape, svd, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';
import { Initializer, type Setting } from './initializer.ts';

/**
 * A random matrix with orthogonal rows (columns, where it has more rows): W Wᵀ = scale² I, the first axis against all others.
 *
 * Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
 */
export class Orthogonal extends Initializer {
  readonly scale: number;
  readonly randType: 'uniform' | 'normal';
  constructor(options: { scale?: number; randType?: 'uniform' | 'normal'; rng?: Rng } = {}) {
    super(options);
    this.scale = options.scale ?? 1.414;
    this.randType = options.randType ?? 'uniform';
    if (this.randType !== 'uniform' && this.randType !== 'normal') throw new ArgumentError('randType', this.randType, "'uniform' or 'normal'");
  }
  override get kind(): string {
    return 'orthogonal';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { scale: this.scale, rand_type: this.randType };
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    if (shape.length === 0) throw new ArgumentError('init', `orthogonal for the scalar ${name}`, 'a parameter of at least one dimension');
    const flat = [shape[0]!, sizeOf(shape.slice(1))];
    const random = this.randType === 'uniform' ? this.rng.uniform(flat, { low: -1, high: 1, dtype }) : this.rng.normal(flat, { dtype });
    const { u, vt } = svd(random);
    return (sameShape(u.shape, flat) ? u : vt).mul(this.scale).reshape(...shape);
  }
}
