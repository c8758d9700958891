import { type Tensor, erf, expm1, greater, mul, sigmoid, where } from '@matheron/core-tensor';
import { ArgumentError, type InitLike, type Parameter, init } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';

/** x for x > 0, else αx. */
export class LeakyReLU extends HybridBlock {
  readonly alpha: number;
  constructor(alpha: number, options: BlockOptions = {}) {
    super({ alias: 'leakyrelu', ...options });
    if (!(alpha >= 0)) throw new ArgumentError('alpha', alpha, 'a number that is not negative');
    this.alpha = alpha;
  }
  override forward(x: Tensor): Tensor {
    return where(greater(x, 0), x, x.mul(this.alpha));
  }
  override toString(): string {
    return `LeakyReLU(${this.alpha})`;
  }
}

/**
 * {@link LeakyReLU} with a learned slope, one for all or one a channel (axis 1).
 *
 * He, Zhang, Ren and Sun (2015).
 */
export class PReLU extends HybridBlock {
  readonly alpha: Parameter;
  constructor(options: BlockOptions & { alphaInitializer?: InitLike; inChannels?: number } = {}) {
    super({ alias: 'prelu', ...options });
    this.alpha = this.params.get('alpha', { shape: [options.inChannels ?? 1], init: options.alphaInitializer ?? new init.Constant(0.25) });
  }
  override forward(x: Tensor): Tensor {
    const alpha = this.alpha.data(x.ctx);
    const shaped = alpha.size > 1 && x.ndim > 1 ? alpha.reshape(alpha.size, ...x.shape.slice(2).map(() => 1)) : alpha;
    return where(greater(x, 0), x, x.mul(shaped));
  }
}

/** The exponential sees 0 in place of positive numbers: it is not used there, but could overflow and spoil gradients. At 0 the slope is α. */
function elu(x: Tensor, alpha: number): Tensor {
  const positive = greater(x, 0);
  return where(positive, x, expm1(where(positive, 0, x)).mul(alpha));
}

/** x for x > 0, else α(eˣ − 1). */
export class ELU extends HybridBlock {
  readonly alpha: number;
  constructor(alpha = 1, options: BlockOptions = {}) {
    super({ alias: 'elu', ...options });
    this.alpha = alpha;
  }
  override forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }
}

/** λ · ELU with the fixed point at mean 0 and variance 1. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017. */
export class SELU extends HybridBlock {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'selu', ...options });
  }
  override forward(x: Tensor): Tensor {
    return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
  }
}

/** x Φ(x), Φ the normal distribution function. Hendrycks and Gimpel, arXiv:1606.08415. */
export class GELU extends HybridBlock {
  constructor(options: BlockOptions = {}) {
    super({ alias: 'gelu', ...options });
  }
  override forward(x: Tensor): Tensor {
    return x.mul(erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
  }
}

/** x σ(βx). Ramachandran, Zoph and Le, arXiv:1710.05941. */
export class Swish extends HybridBlock {
  readonly beta: number;
  constructor(beta = 1, options: BlockOptions = {}) {
    super({ alias: 'swish', ...options });
    this.beta = beta;
  }
  override forward(x: Tensor): Tensor {
    return x.mul(sigmoid(x.mul(this.beta)));
  }
}
