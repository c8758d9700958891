import { SigmoidBinaryCrossEntropyLoss, SoftmaxCrossEntropyLoss } from './classification.ts';

export { KLDivLoss, LogisticLoss, type SoftmaxCrossEntropyOptions } from './classification.ts';
export { SigmoidBinaryCrossEntropyLoss, SoftmaxCrossEntropyLoss };
export { CTCLoss, type CTCOptions } from './ctc.ts';
export { Loss, type LossOptions } from './loss.ts';
export { CosineEmbeddingLoss, SDMLLoss, TripletLoss } from './metric-learning.ts';
export { HingeLoss, HuberLoss, L1Loss, L2Loss, PoissonNLLLoss, SquaredHingeLoss } from './regression.ts';
/** Gluon's short names. */
export const SigmoidBCELoss: typeof SigmoidBinaryCrossEntropyLoss = SigmoidBinaryCrossEntropyLoss;
/** Gluon's short name of {@link SoftmaxCrossEntropyLoss}. */
export const SoftmaxCELoss: typeof SoftmaxCrossEntropyLoss = SoftmaxCrossEntropyLoss;
