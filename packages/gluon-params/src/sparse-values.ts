import { type Context, CsrTensor, RowSparseTensor, type Tensor, type TensorLike, asTensor } from '@matheron/core-tensor';

/** A dense tensor out of whatever `setData` takes; arrays go to `ctx`. */
export function denseValue(value: TensorLike | RowSparseTensor | CsrTensor, ctx: Context): Tensor {
  if (value instanceof RowSparseTensor || value instanceof CsrTensor) return value.toDense();
  return asTensor('setData', value, ctx);
}
