// Every entry that fixtures/gluon-goldens.md names, by its name.
import type { Tensor } from '@matheron/core-tensor';
import { type HybridBlock, type Layer, loss, nn, rnn } from '@matheron/gluon-blocks';
import { init } from '@matheron/gluon-params';

/** A layer, and whether the golden was recorded in training mode. */
export interface LayerEntry {
  readonly make: () => Layer;
  readonly train?: boolean;
}
const layer = (make: () => Layer, train = false): LayerEntry => ({ make, train });
const activation = (name: nn.ActivationName): LayerEntry => layer(() => new nn.Activation(name));

export const layers: Readonly<Record<string, LayerEntry>> = {
  dense: layer(() => new nn.Dense(2)),
  dense_relu: layer(() => new nn.Dense(2, { activation: 'relu' })),
  dense_nobias_noflatten: layer(() => new nn.Dense(2, { useBias: false, flatten: false })),
  conv1d: layer(() => new nn.Conv1D(2, 2, { padding: 1 })),
  conv2d: layer(() => new nn.Conv2D(2, 3, { padding: 1, strides: 2 })),
  conv2d_dil_grp: layer(() => new nn.Conv2D(2, 2, { dilation: 2, groups: 2, useBias: false })),
  conv2dT: layer(() => new nn.Conv2DTranspose(2, 2, { strides: 2, outputPadding: 1 })),
  maxpool2d: layer(() => new nn.MaxPool2D(2)),
  maxpool_ceil: layer(() => new nn.MaxPool2D(3, { strides: 2, ceilMode: true })),
  avgpool_ceil: layer(() => new nn.AvgPool2D(3, { strides: 2, ceilMode: true })),
  avgpool_pad: layer(() => new nn.AvgPool2D(2, { strides: 2, padding: 1 })),
  avgpool_nopad: layer(() => new nn.AvgPool2D(2, { strides: 2, padding: 1, countIncludePad: false })),
  gap: layer(() => new nn.GlobalAvgPool2D()),
  gmp: layer(() => new nn.GlobalMaxPool2D()),
  bn_train: layer(() => new nn.BatchNorm(), true),
  bn_pred: layer(() => new nn.BatchNorm()),
  bn_noscale: layer(() => new nn.BatchNorm({ scale: false }), true),
  bn_global: layer(() => new nn.BatchNorm({ useGlobalStats: true }), true),
  bn_axis: layer(() => new nn.BatchNorm({ axis: -1 }), true),
  ln: layer(() => new nn.LayerNorm()),
  ln_axis1: layer(() => new nn.LayerNorm({ axis: 1 })),
  in: layer(() => new nn.InstanceNorm()),
  gn1: layer(() => new nn.GroupNorm({ numGroups: 1 })),
  gn2: layer(() => new nn.GroupNorm({ numGroups: 2 })),
  act_relu: activation('relu'),
  act_sigmoid: activation('sigmoid'),
  act_tanh: activation('tanh'),
  act_softrelu: activation('softrelu'),
  act_softsign: activation('softsign'),
  leaky: layer(() => new nn.LeakyReLU(0.1)),
  prelu1: layer(() => new nn.PReLU()),
  prelu3: layer(() => new nn.PReLU({ inChannels: 3 })),
  elu: layer(() => new nn.ELU(0.7)),
  selu: layer(() => new nn.SELU()),
  gelu: layer(() => new nn.GELU()),
  swish: layer(() => new nn.Swish(1.5)),
  reflectpad: layer(() => new nn.ReflectionPad2D(1)),
};

/** A loss, and its arguments where the file doesn't hold them. */
export interface LossEntry {
  readonly make: () => HybridBlock;
  readonly inputs?: readonly (readonly unknown[])[];
}
const of = (make: () => HybridBlock, inputs?: LossEntry['inputs']): LossEntry => ({ make, ...(inputs && { inputs }) });
const ones = (...shape: number[]): unknown[] => Array.from({ length: shape[0]! }, () => (shape.length === 1 ? 1 : ones(...shape.slice(1))));

export const losses: Readonly<Record<string, LossEntry>> = {
  l2: of(() => new loss.L2Loss()),
  l2_w: of(() => new loss.L2Loss({ weight: 3 })),
  l1: of(() => new loss.L1Loss()),
  l1_batch1: of(() => new loss.L1Loss({ batchAxis: 1 })),
  bce: of(() => new loss.SigmoidBCELoss()),
  bce_posw: of(() => new loss.SigmoidBCELoss()),
  bce_fs: of(() => new loss.SigmoidBinaryCrossEntropyLoss({ fromSigmoid: true })),
  bce_fs_posw: of(() => new loss.SigmoidBinaryCrossEntropyLoss({ fromSigmoid: true })),
  bce_big: of(() => new loss.SigmoidBCELoss()),
  sce: of(() => new loss.SoftmaxCELoss()),
  sce_sw: of(() => new loss.SoftmaxCELoss()),
  sce_dense: of(() => new loss.SoftmaxCrossEntropyLoss({ sparseLabel: false })),
  sce_logits: of(() => new loss.SoftmaxCrossEntropyLoss({ fromLogits: true })),
  sce_axis1: of(() => new loss.SoftmaxCrossEntropyLoss({ axis: 1 })),
  sce_oor: of(() => new loss.SoftmaxCrossEntropyLoss()),
  kl: of(() => new loss.KLDivLoss()),
  kl_fl: of(() => new loss.KLDivLoss({ fromLogits: false })),
  huber: of(() => new loss.HuberLoss()),
  huber2: of(() => new loss.HuberLoss({ rho: 0.5 })),
  hinge: of(() => new loss.HingeLoss()),
  sqhinge: of(() => new loss.SquaredHingeLoss({ margin: 2 })),
  logistic: of(() => new loss.LogisticLoss()),
  logistic_b: of(() => new loss.LogisticLoss({ labelFormat: 'binary' })),
  triplet: of(() => new loss.TripletLoss()),
  poisson: of(() => new loss.PoissonNLLLoss()),
  poisson_nl: of(() => new loss.PoissonNLLLoss({ fromLogits: false })),
  poisson_full: of(() => new loss.PoissonNLLLoss({ fromLogits: false, computeFull: true })),
  cosine: of(() => new loss.CosineEmbeddingLoss()),
  cosine_m: of(() => new loss.CosineEmbeddingLoss({ margin: 0.3 })),
  sdml: of(() => new loss.SDMLLoss(), [[[0.5, -1, 2], [1.5, 0.25, -0.75]], [[1, 0, 1], [0, 1, 1]]]),
  ctc: of(() => new loss.CTCLoss(), [ones(2, 20, 4), [[1, 0, -1, -1], [2, 1, 1, -1]]]),
};

/** A recurrent block, and how it runs over x [n, t, c]: outputs and final states. */
export interface RecurrentEntry {
  readonly make: () => HybridBlock;
  readonly run: (block: HybridBlock, x: Tensor) => [outputs: Tensor, states: Tensor[]];
  /** What the file doesn't say about a parameter's value, by the name of the parameter. */
  readonly adjust?: (name: string) => number;
}
const unrolled = (block: HybridBlock, x: Tensor): [Tensor, Tensor[]] => (block as rnn.RecurrentCell).unroll(x.shape[1]!, x, { mergeOutputs: true });

export const recurrent: Readonly<Record<string, RecurrentEntry>> = {
  rnncell: { make: () => new rnn.RNNCell(2), run: unrolled },
  lstmcell: { make: () => new rnn.LSTMCell(2), run: unrolled },
  grucell: { make: () => new rnn.GRUCell(2), run: unrolled },
  bidir: {
    make: () => new rnn.BidirectionalCell(new rnn.LSTMCell(2, { prefix: 'l_' }), new rnn.LSTMCell(2, { prefix: 'r_' })),
    run: unrolled,
    // Both cells have parameters of these names; the file holds those of the second, which are 0.08 more than those of the first.
    adjust: (name) => (name.startsWith('l_') ? -0.08 : 0),
  },
  residual_ones: {
    make: () => new rnn.ResidualCell(new rnn.RNNCell(2, { i2hWeightInitializer: new init.Constant(1), h2hWeightInitializer: new init.Constant(1) })),
    run: unrolled,
  },
  gru_layer_NTC: { make: () => new rnn.GRU(2, { layout: 'NTC' }), run: (block, x) => (block as rnn.GRU).unroll(x) },
};

/** The names of the entries of each kind, as the file writes them. */
export const optimizers = [
  'sgd', 'sgd_wd', 'sgd_mom', 'sgd_mom_wd_clip', 'lbsgd', 'lars', 'dcasgd', 'nag', 'signum', 'signsgd', 'adam', 'adam_wd_clip', 'adamax', 'nadam', 'lamb', 'ftml',
  'adagrad', 'groupadagrad', 'adadelta', 'rmsprop', 'rmsprop_c', 'rmsprop_cw', 'ftrl', 'test',
] as const;
/** The optimizer behind an entry's name. */
export function optimizerOf(entry: string): string {
  return entry === 'signsgd' ? 'signum' : entry.split('_')[0]!;
}
