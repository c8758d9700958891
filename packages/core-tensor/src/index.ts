// values
export type { DType, FloatDType, TypedArray } from './dtype.ts';
export { allocate, bytesOf, convert, dtypeOf, epsilonOf, isFloat, promote } from './dtype.ts';
export type { Axis, Shape } from './shape.ts';
export { broadcastShapes, formatShape, normalizeAxes, normalizeAxis, rowMajorStrides, sameShape, sizeOf } from './shape.ts';
export type { NestedArray } from './nested.ts';
export { type TensorLike, asTensor } from './operands.ts';
export { Tensor, backendOf, borrowTensor, storageOf, wrapTensor } from './tensor.ts';
export { Cell } from './cell.ts';
export { scope } from './scope.ts';
export { Context, contextOf, currentContext, setDefaultContext, withContext } from './context.ts';
export type { FlatTree, Like, Tree, TreeLike } from './trees.ts';
export { flattenTree, isPlainObject, mapTree, takeApart, tensorsOf } from './trees.ts';
export { type MatheronWarning, onWarning, warn } from './warnings.ts';
export { nearestName } from './nearest.ts';

// creation and operations
export { type TensorOptions, arange, eye, full, linspace, ones, onesLike, tensor, zeros, zerosLike } from './ops/creation.ts';
export type { BinaryName, ReduceName, ReduceOptions, UnaryName } from './ops/names.ts';
export {
  type Binary, type Unary,
  abs, acos, add, asin, atan, atan2, ceil, clip, cos, cosh, digamma, div, equal, erf, erfc, erfcx, erfinv, exp, expm1, floor, greater, greaterEqual,
  isfinite, isinf, isnan, less, lessEqual, lgamma, log, log1p, log2, logNormalCdf, logSigmoid, logicalAnd, logicalNot, logicalOr, logicalXor, maximum,
  minimum, mod, mul, neg, notEqual, pow, reciprocal, relu, round, sigmoid, sign, sin, sinh, softplus, sqrt, square, sub, tan, tanh, trunc, where,
} from './ops/elementwise.ts';
export { type Reduce, all, any, argmax, argmin, cumprod, cumsum, logSoftmax, logSumExp, max, mean, min, norm, prod, softmax, sort, std, sum, variance } from './ops/reduce.ts';
export { astype, broadcastTo, concat, expandDims, flip, matrixTranspose, pad, reshape, roll, split, squeeze, stack, tile, transpose } from './ops/movement.ts';
export { type Index, setSlice, slice } from './ops/slice.ts';
export { diag, diagonal, oneHot, repeat, scatterAdd, take, takeAlongAxis, topK, trace, tril, triu } from './ops/indexing.ts';
export { dot, einsum, matmul, outer, pairwiseSquaredDistance } from './ops/contraction.ts';
export { detach, to, transferPlain } from './ops/transfer.ts';
export * from './linalg.ts';
export * from './random.ts';
export { CsrTensor, RowSparseTensor } from './sparse.ts';

// errors
export {
  AllocationError, AsyncFunctionError, BackendUnavailableError, ContextError, DTypeError, IndexError, MatheronError, NotPositiveDefiniteError,
  RecordedWriteError, ShapeError, SingularMatrixError, SynchronousReadError, TensorError, UnsupportedOperationError,
} from './errors.ts';

// for authors of backends and decorators
export type {
  ArgReduceOp, Backend, BackendTensor, BinaryOp, Capabilities, CompareOp, CumulativeOp, Range, ReduceOp, TriangularSolveOptions, UnaryOp, UnaryResult, Widths, Window,
} from './backend.ts';
export { binaryKinds, compareKinds, reduceKinds, unaryKinds } from './backend.ts';
export { type Attributes, type Call, CallBackend, type Kind, inferTypes, makeCall, perform, performKind, rangeSize, windowCount } from './call.ts';
export {
  type CustomRule, type Decorator, type Level, type StepOptions, type StepPull, applyCustomRule, create, creationBackend, currentLevel, innerOf, liftTo, outermost, run, run1, wraps,
} from './dispatch.ts';
export type {
  BufferView, Executable, ExecutablePair, Graph, GraphNode, GraphValue, PlanKernel, KernelAddress, KernelArgument, KernelInstruction, KernelOp, KernelSink, Layout, Plan, PlanBuffer, PlanCode, PlanPair, PlanStep, StepSummary, Triangle,
} from './plan.ts';
export { type Frame, type Scope, currentFrame, enter, push } from './stack.ts';
