import { type Tensor, transpose, sizeOf } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import { type Sizes, spread } from './conv.ts';

abstract class PixelShuffle extends HybridBlock {
  readonly factors: readonly number[];
  constructor(d: number, factor: Sizes, options: BlockOptions) {
    super(options);
    this.factors = spread('factor', factor, d, 1);
  }
  override forward(x: Tensor): Tensor {
    const { factors } = this;
    const d = factors.length;
    const [n, c] = x.shape as [number, number];
    const block = sizeOf(factors);
    if (x.ndim !== d + 2 || c % block !== 0) throw new ArgumentError(this.name, `an input of shape [${x.shape.join(', ')}]`, `[n, c · ${block}${', size'.repeat(d)}]`);
    const sizes = x.shape.slice(2);
    const order = [0, 1, ...sizes.flatMap((_, k) => [2 + d + k, 2 + k])];
    return transpose(x.reshape(n, c / block, ...factors, ...sizes), order).reshape(n, c / block, ...sizes.map((size, k) => size * factors[k]!));
  }
}
/** Channels into width: [n, c·f, w] → [n, c, w·f]. Shi et al., "Real-time single image and video super-resolution", CVPR 2016. */
export class PixelShuffle1D extends PixelShuffle {
  constructor(factor: number | readonly [number], options: BlockOptions = {}) {
    super(1, factor, { alias: 'pixelshuffle1d', ...options });
  }
}
/** Channels into height and width: [n, c·f₁·f₂, h, w] → [n, c, h·f₁, w·f₂]. */
export class PixelShuffle2D extends PixelShuffle {
  constructor(factor: number | readonly [number, number], options: BlockOptions = {}) {
    super(2, factor, { alias: 'pixelshuffle2d', ...options });
  }
}
/** Channels into depth, height and width. */
export class PixelShuffle3D extends PixelShuffle {
  constructor(factor: number | readonly [number, number, number], options: BlockOptions = {}) {
    super(3, factor, { alias: 'pixelshuffle3d', ...options });
  }
}
