export { Activation, type ActivationName } from './activation.ts';
export { ELU, GELU, LeakyReLU, PReLU, SELU, Swish } from './activations.ts';
export { Flatten, HybridLambda, Identity, Lambda } from './basic.ts';
export { BatchNorm, type BatchNormOptions, BatchNormReLU, SyncBatchNorm } from './batch-norm.ts';
export { Concurrent, HybridConcurrent } from './concurrent.ts';
export { Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3D, Conv3DTranspose, type ConvOptions, type ConvTransposeOptions, type Sizes } from './conv.ts';
export { Dense, type DenseOptions } from './dense.ts';
export { Dropout, type DropoutOptions } from './dropout.ts';
export { Embedding, type EmbeddingOptions, SparseEmbedding } from './embedding.ts';
export { GroupNorm, InstanceNorm, LayerNorm, type NormOptions } from './norms.ts';
export { PixelShuffle1D, PixelShuffle2D, PixelShuffle3D } from './pixel-shuffle.ts';
export {
  AvgPool1D, AvgPool2D, AvgPool3D, type AvgPoolOptions, GlobalAvgPool1D, GlobalAvgPool2D, GlobalAvgPool3D, GlobalMaxPool1D, GlobalMaxPool2D, GlobalMaxPool3D, MaxPool1D,
  MaxPool2D, MaxPool3D, type PoolOptions, ReflectionPad2D,
} from './pool.ts';
export { HybridSequential, Sequential } from './sequential.ts';
