import { type Context, currentContext } from './context.ts';
import { type DType, type TypedArray, convert, dtypeOf, isFloat, promote } from './dtype.ts';
import { create, creationBackend, run1, unmixed } from './dispatch.ts';
import { DTypeError } from './errors.ts';
import { type Flat, type NestedArray, bufferOf, flatten } from './nested.ts';
import { type Shape, broadcastShapes, sameShape } from './shape.ts';
import { Tensor, wrapTensor } from './tensor.ts';

export type { NestedArray } from './nested.ts';
/** What every operand and data argument accepts. */
export type TensorLike = Tensor | NestedArray | TypedArray;

/** Puts a buffer, which is handed over, on `ctx`. */
export function uploadTo(ctx: Context, values: TypedArray, shape: Shape, dtype: DType): Tensor {
  const b = creationBackend(ctx);
  return wrapTensor(b, b.upload(values, shape, dtype), ctx);
}

/** A scalar or a constant array of `shape`. */
export function constant(ctx: Context, value: number, shape: Shape, dtype: DType): Tensor {
  return create('full', ctx, { value, shape, dtype });
}

/** A TensorLike on its own: tensors as they are; numbers and arrays of them in the current context's float dtype, booleans bool, typed arrays in their own dtype, copied. */
export function asTensor(op: string, x: TensorLike, ctx?: Context): Tensor {
  return x instanceof Tensor ? x : literal(op, x, ctx ?? currentContext());
}

function literal(op: string, x: NestedArray | TypedArray, ctx: Context): Tensor {
  if (typeof x === 'number') return constant(ctx, x, [], ctx.dtype);
  if (ArrayBuffer.isView(x)) {
    const dtype = viewDType(op, x);
    return uploadTo(ctx, convert(x, dtype), [x.length], dtype);
  }
  const flat = flatten(op, x);
  const dtype = flat.kind === 'bool' ? 'bool' : ctx.dtype;
  return uploadTo(ctx, bufferOf(op, flat.values, flat.shape, dtype), flat.shape, dtype);
}

function viewDType(op: string, x: ArrayBufferView): DType {
  const dtype = dtypeOf(x);
  if (!dtype) {
    const name = x.constructor.name;
    throw new DTypeError(op, name, `${op}: ${name} has no dtype here; convert it to a Float64Array, Float32Array, Int32Array or Uint8Array (bool)`);
  }
  return dtype;
}

interface Weak { readonly shape: Shape; readonly kind: 'bool' | 'int' | 'float'; make(ctx: Context, dtype: DType, shape: Shape): Tensor }

function weak(op: string, x: NestedArray | TypedArray): Weak {
  if (typeof x === 'number' || typeof x === 'boolean') {
    return {
      shape: [],
      kind: typeof x === 'boolean' ? 'bool' : x === (x | 0) ? 'int' : 'float',
      make: (ctx, dtype, shape) => constant(ctx, dtype === 'bool' ? Number(x !== 0 && x !== false) : Number(x), shape, dtype),
    };
  }
  let flat: Flat;
  if (ArrayBuffer.isView(x)) {
    const dtype = viewDType(op, x);
    flat = { values: x as unknown as number[], shape: [x.length], kind: isFloat(dtype) ? 'float' : dtype === 'bool' ? 'bool' : 'int' };
  } else flat = flatten(op, x);
  return { shape: flat.shape, kind: flat.kind, make: (ctx, dtype) => uploadTo(ctx, bufferOf(op, flat.values, flat.shape, dtype), flat.shape, dtype) };
}

const kindRank = { bool: 0, int: 1, float: 2 } as const;
const kindOf = (dtype: DType): 'bool' | 'int' | 'float' => (isFloat(dtype) ? 'float' : dtype === 'int32' ? 'int' : 'bool');

/** What dtypes an operation takes; operands are raised to it. */
export type DTypeRule = 'any' | 'number' | 'float' | 'bool';

/** The dtype that operands of `dtype` are computed in under a rule. */
export function raise(dtype: DType, rule: DTypeRule, ctx: Context): DType {
  if (rule === 'bool') return 'bool';
  if (rule === 'float') return isFloat(dtype) ? dtype : ctx.dtype;
  return rule === 'number' && dtype === 'bool' ? 'int32' : dtype;
}

/**
 * Operands as tensors of one context and one dtype, each still of its own shape. Numbers and arrays are weak: they adopt the context
 * and, as long as their kind (bool < integer < float) is no higher, the dtype of the tensors beside them.
 */
export function operands(op: string, xs: readonly TensorLike[], rule: DTypeRule, shape?: Shape): Tensor[] {
  let ctx: Context | undefined;
  let dtype: DType | undefined;
  for (const x of xs) {
    if (!(x instanceof Tensor)) continue;
    if (ctx === undefined) ctx = x.ctx;
    else if (ctx !== x.ctx) throw unmixed(`${op}: `, [String(ctx), String(x.ctx)]);
    dtype = dtype === undefined ? x.dtype : promote(dtype, x.dtype);
  }
  if (ctx === undefined) ctx = currentContext();
  const parts = xs.map((x) => (x instanceof Tensor ? x : weak(op, x)));
  const anyTensor = dtype !== undefined;
  for (const part of parts) {
    if (part instanceof Tensor) continue;
    const wanted = part.kind === 'bool' ? 'bool' : part.kind === 'int' && anyTensor ? 'int32' : ctx.dtype;
    if (dtype === undefined || kindRank[part.kind] > kindRank[kindOf(dtype)] || (!anyTensor && kindRank[kindOf(wanted)] > kindRank[kindOf(dtype)])) dtype = wanted;
  }
  const target = raise(dtype!, rule, ctx);
  return parts.map((part) => (part instanceof Tensor ? castTo(part, target) : part.make(ctx, target, part.shape.length === 0 && shape ? shape : part.shape)));
}

/** Operands broadcast to one shape: what every elementwise operation starts with. */
export function together(op: string, xs: readonly TensorLike[], rule: DTypeRule): readonly Tensor[] {
  if (areAlike(xs, rule)) return xs;
  let shape: Shape | undefined;
  let allTensors = true;
  for (const x of xs) {
    if (x instanceof Tensor) shape = shape === undefined ? x.shape : broadcastShapes(op, shape, x.shape);
    else if (typeof x !== 'number' && typeof x !== 'boolean') allTensors = false;
  }
  if (!allTensors || shape === undefined) {
    const made = operands(op, xs, rule);
    const common = made.map((t) => t.shape).reduce((a, b) => broadcastShapes(op, a, b));
    return made.map((t) => expand(t, common));
  }
  const target = shape;
  return operands(op, xs, rule, target).map((t) => expand(t, target));
}

/** Whether nothing has to be done to operands: tensors of one context, dtype and shape. */
function areAlike(xs: readonly TensorLike[], rule: DTypeRule): xs is readonly Tensor[] {
  const first = xs[0];
  return first instanceof Tensor && raise(first.dtype, rule, first.ctx) === first.dtype
    && xs.every((x) => x instanceof Tensor && x.ctx === first.ctx && x.dtype === first.dtype && sameShape(x.shape, first.shape));
}

/** `x` in `dtype`: itself where it is already. */
export function castTo(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : run1('cast', [x], { dtype });
}

/** `x` stretched to `shape`, which it is known to broadcast to. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  const wide = missing > 0 ? run1('reshape', [x], { shape: [...new Array<number>(missing).fill(1), ...x.shape] }) : x;
  return sameShape(wide.shape, shape) ? wide : run1('broadcastTo', [wide], { shape });
}

/** One operand under a dtype rule. */
export function operand(op: string, x: TensorLike, rule: DTypeRule): Tensor {
  const t = asTensor(op, x);
  return castTo(t, raise(t.dtype, rule, t.ctx));
}
