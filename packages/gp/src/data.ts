import { type Context, type Tensor, type TensorLike, ShapeError, Tensor as TensorClass, asTensor, isFloat } from '@matheron/core-tensor';
import { NonFiniteDataError } from './errors.ts';

/** X as floats [n, d] on `ctx`; one-dimensional X is one column. */
export function toInputs(caller: string, X: TensorLike, ctx: Context, dimension?: number): Tensor {
  const x = onContext(X, ctx);
  const matrix = x.ndim === 2 ? x : x.ndim <= 1 ? x.reshape(x.size, 1) : undefined;
  if (!matrix) throw new ShapeError(caller, `${caller}: X must be [n, d] or [n], got [${x.shape.join(', ')}]`, { expected: '[n, d] or [n]', actual: [x.shape] });
  if (dimension !== undefined && matrix.shape[1] !== dimension) {
    throw new ShapeError(caller, `${caller}: X has ${matrix.shape[1]} column${matrix.shape[1] === 1 ? '' : 's'}, the model was fitted on ${dimension}${x.ndim === 1 && dimension > 1 ? '; a single point is [[…]]' : ''}`, { expected: `[n, ${dimension}]`, actual: [x.shape] });
  }
  return matrix;
}
/** y as floats [n, columns] on `ctx`, with as many rows as X. */
export function toTargets(caller: string, y: TensorLike, ctx: Context, rows: number): Tensor {
  const t = onContext(y, ctx);
  const matrix = t.ndim === 2 ? t : t.ndim <= 1 ? t.reshape(t.size, 1) : undefined;
  if (!matrix || matrix.shape[0] !== rows) {
    throw new ShapeError(caller, `${caller}: y must be [n] or [n, columns] with a row for each of the ${rows} rows of X, got [${t.shape.join(', ')}]`, { expected: `[${rows}] or [${rows}, columns]`, actual: [t.shape] });
  }
  return matrix;
}
/** NonFiniteDataError where a value is NaN or infinite. */
export async function assertFinite(argument: string, x: Tensor): Promise<void> {
  const values = await x.data();
  const columns = x.ndim > 1 ? x.shape[1]! : 1;
  const rows = new Set<number>();
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      count++;
      rows.add(Math.floor(i / Math.max(1, columns)));
    }
  }
  if (count > 0) throw new NonFiniteDataError(argument, count, [...rows]);
}

function onContext(x: TensorLike, ctx: Context): Tensor {
  const t = x instanceof TensorClass ? x.to(ctx) : asTensor('GP data', x, ctx);
  return isFloat(t.dtype) && t.dtype === ctx.dtype ? t : t.astype(ctx.dtype);
}
