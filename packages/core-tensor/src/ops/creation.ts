import { type Context, currentContext } from '../context.ts';
import { type DType, checkDType, convert, dtypeOf, isFloat } from '../dtype.ts';
import { create } from '../dispatch.ts';
import { DTypeError, IndexError, ShapeError } from '../errors.ts';
import { bufferOf, flatten } from '../nested.ts';
import { type TensorLike, castTo, constant, uploadTo } from '../operands.ts';
import { type Shape, checkShape, formatShape, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { add, equal, mul } from './elementwise.ts';
import { astype, reshape } from './movement.ts';
import { to } from './transfer.ts';

/** Where a new tensor is made, and of which dtype. */
export interface TensorOptions {
  /** The context's default float dtype unless stated. */
  dtype?: DType;
  /** `currentContext()` unless stated. */
  ctx?: Context;
}

/**
 * A tensor of numbers (float), booleans (bool), a typed array (its own dtype) or a tensor. `shape` reshapes flat values. A typed array
 * is copied; with `copy: false` it is handed over and must not be written afterwards.
 */
export function tensor(values: TensorLike, options: TensorOptions & { shape?: Shape; copy?: boolean } = {}): Tensor {
  if (options.dtype !== undefined) checkDType('tensor', options.dtype);
  if (values instanceof Tensor) {
    const moved = options.ctx ? to(values, options.ctx) : values;
    const cast = options.dtype ? castTo(moved, options.dtype) : moved;
    return options.shape ? reshape(cast, options.shape) : cast;
  }
  const ctx = options.ctx ?? currentContext();
  if (ArrayBuffer.isView(values)) {
    const own = dtypeOf(values);
    if (!own) throw new DTypeError('tensor', (values as object).constructor.name, `tensor: ${(values as object).constructor.name} has no dtype here; convert it to a Float64Array, Float32Array, Int32Array or Uint8Array (bool)`);
    const dtype = options.dtype ?? own;
    const shape = shapeFor(options.shape ?? [values.length], values.length);
    const isPlainBool = own === 'bool' && !(values as Uint8Array).every((v) => v <= 1);
    const buffer = options.copy === false && dtype === own && !isPlainBool ? values : convert(values, dtype);
    return uploadTo(ctx, buffer, shape, dtype);
  }
  const flat = flatten('tensor', values);
  const dtype = options.dtype ?? (flat.kind === 'bool' ? 'bool' : ctx.dtype);
  const shape = shapeFor(options.shape ?? flat.shape, flat.values.length);
  return uploadTo(ctx, bufferOf('tensor', flat.values, shape, dtype), shape, dtype);
}
function shapeFor(shape: Shape, size: number): Shape {
  const open = shape?.indexOf?.(-1) ?? -1;
  const rest = open < 0 ? size : sizeOf(shape.filter((_, k) => k !== open));
  const resolved = checkShape('tensor', open < 0 ? shape : shape.map((s, k) => (k === open ? (rest === 0 ? 0 : size / rest) : s)));
  if (sizeOf(resolved) !== size) {
    throw new ShapeError('tensor', `tensor: ${size} values don't fill the shape ${formatShape(shape)} of ${sizeOf(resolved)}`, { expected: `${sizeOf(resolved)} values`, actual: [[size]] });
  }
  return resolved;
}

/** Every element `value`. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  const ctx = options.ctx ?? currentContext();
  if (typeof value !== 'number' && typeof value !== 'boolean') throw new DTypeError('full', typeof value, `full: the value is ${value === null ? 'null' : `of type ${typeof value}`}, not a number; use broadcastTo for an array`);
  return constant(ctx, value, checkShape('full', shape), checkDType('full', options.dtype ?? ctx.dtype));
}
/** Zeros. */
export function zeros(shape: Shape, options?: TensorOptions): Tensor {
  return full(shape, 0, options);
}
/** Ones. */
export function ones(shape: Shape, options?: TensorOptions): Tensor {
  return full(shape, 1, options);
}
/** Zeros of the shape, dtype and context of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return constant(x.ctx, 0, x.shape, x.dtype);
}
/** Ones of the shape, dtype and context of `x`. */
export function onesLike(x: Tensor): Tensor {
  return constant(x.ctx, 1, x.shape, x.dtype);
}
/** [n, columns] (columns = n): ones on diagonal `offset`. */
export function eye(n: number, options: TensorOptions & { columns?: number; offset?: number } = {}): Tensor {
  const ctx = options.ctx ?? currentContext();
  const columns = options.columns ?? n;
  checkShape('eye', [n, columns]);
  if (!Number.isInteger(options.offset ?? 0)) throw new IndexError('eye', `eye: the offset ${options.offset} is no integer`, options.offset!, columns);
  const rows = reshape(add(create('iota', ctx, { size: n, dtype: 'int32' }), options.offset ?? 0), [n, 1]);
  return astype(equal(rows, create('iota', ctx, { size: columns, dtype: 'int32' })), options.dtype ?? ctx.dtype);
}
/** start, start + step, … before stop; `arange(n)` counts from 0. */
export function arange(start: number, stop?: number, step = 1, options: TensorOptions = {}): Tensor {
  const ctx = options.ctx ?? currentContext();
  const [from, end] = stop === undefined ? [0, start] : [start, stop];
  const size = Math.max(0, Math.ceil((end - from) / step));
  if (!Number.isFinite(size)) throw new ShapeError('arange', `arange: from ${from} to ${end} by ${step} is no finite range; use a step that is not 0`, { expected: 'a finite range', actual: [] });
  const dtype = checkDType('arange', options.dtype ?? ctx.dtype);
  if (dtype === 'bool') throw new DTypeError('arange', 'bool', 'arange: bool does not count; use int32 or a float dtype');
  const steps = create('iota', ctx, { size, dtype: isFloat(dtype) ? dtype : 'int32' });
  if (!isFloat(dtype) && !(Number.isInteger(from) && Number.isInteger(step))) {
    return astype(arange(from, end, step, { ctx }), dtype);
  }
  const scaled = step === 1 ? steps : mul(steps, step);
  return from === 0 ? scaled : add(scaled, from);
}
/** `count` (50) evenly spaced points from start to stop, both included and exact. */
export function linspace(start: number, stop: number, count = 50, options: TensorOptions = {}): Tensor {
  checkShape('linspace', [count]);
  const ctx = options.ctx ?? currentContext();
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) values[k] = k === count - 1 && count > 1 ? stop : start + (k * (stop - start)) / Math.max(1, count - 1);
  const dtype = checkDType('linspace', options.dtype ?? ctx.dtype);
  return uploadTo(ctx, dtype === 'float64' ? values : convert(values, dtype), [count], dtype);
}
