import { type Tensor, zeros } from '@matheron/core-tensor';
import type { BlockOptions } from '@matheron/gluon-blocks';
import { GPError } from './errors.ts';
import { type Hyperparameter, type Setting, settingOptions } from './hyperparameter.ts';
import { type PartConfig, describePart } from './kernel.ts';
import { ParameterizedBlock } from './parameterized.ts';
import { NormalPrior } from './priors.ts';

/** A mean function: X [n, d] to [n]. */
export abstract class Mean extends ParameterizedBlock {
  abstract override forward(X: Tensor): Tensor;
  /** The type in `toJSON`; '' for means that can't be rebuilt from data. */
  get type(): string { return ''; }
  /** As plain data. GPError for a class of one's own. */
  toJSON(): PartConfig {
    if (!this.type) throw new GPError('not-serializable', `${this.constructor.name}: a mean of one's own can't be written to a file; pass it to load(directory, { mean }) instead`);
    return describePart(this.type, undefined, this.components().map(([, part]) => part), this.ownHyperparameters(), {});
  }
}

/** The same `value` everywhere (identity encoding, start 0, prior Normal(0, 1)). */
export class ConstantMean extends Mean {
  readonly value: Hyperparameter;
  constructor(options: BlockOptions & { value?: Setting } = {}) {
    const { value, ...rest } = options;
    super(rest);
    this.value = this.hyperparameter('mean_value', settingOptions(value, { init: 0, encoding: 'identity', prior: new NormalPrior({ normalized: false }) }));
  }
  override get type(): string { return 'constant'; }
  override forward(X: Tensor): Tensor {
    return this.value.value().reshape().broadcastTo([X.shape[0]!]);
  }
}

/** 0 everywhere. */
export class ZeroMean extends Mean {
  override get type(): string { return 'zero'; }
  override forward(X: Tensor): Tensor {
    return zeros([X.shape[0]!], { ctx: X.ctx, dtype: X.dtype });
  }
}

/** x·weights + bias. The weights are sized at the first call. */
export class LinearMean extends Mean {
  readonly weights: Hyperparameter;
  readonly bias: Hyperparameter;
  constructor(options: BlockOptions & { weights?: Setting; bias?: Setting } = {}) {
    const { weights, bias, ...rest } = options;
    super(rest);
    const w = settingOptions(weights, { init: 0, encoding: 'identity' });
    this.weights = this.hyperparameter('weights', typeof w.init === 'number' && !w.shape ? { ...w, shape: [0] } : w);
    this.bias = this.hyperparameter('bias', settingOptions(bias, { init: 0, encoding: 'identity' }));
  }
  override get type(): string { return 'linear'; }
  override forward(X: Tensor): Tensor {
    const d = X.shape[1]!;
    this.weights.size([d]);
    return X.matmul(this.weights.value().reshape(d, 1)).reshape(X.shape[0]!).add(this.bias.value());
  }
}

