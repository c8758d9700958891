import { type DType, type TypedArray, convert } from './dtype.ts';
import { DTypeError, ShapeError } from './errors.ts';
import { type Shape, formatShape, sizeOf } from './shape.ts';

/** Numbers or booleans, nested to any depth; ragged input is a ShapeError that names the path. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Row-major values and shape of nested arrays. `kind`: bool where all leaves are booleans, int where all numbers are integers that an int32 holds. */
export interface Flat {
  readonly values: number[];
  readonly shape: Shape;
  readonly kind: 'bool' | 'int' | 'float';
}

/** Flattens nested arrays: a loop over rows with the shape taken from the first path down. */
export function flatten(op: string, nested: NestedArray): Flat {
  const shape: number[] = [];
  for (let x: NestedArray | undefined = nested; Array.isArray(x); x = x[0]) shape.push(x.length);
  const values: number[] = [];
  let booleans = 0;
  let integers = true;
  const visit = (x: NestedArray, depth: number, path: string): void => {
    const list = Array.isArray(x);
    if (!list && typeof x !== 'number' && typeof x !== 'boolean') {
      throw new DTypeError(op, typeof x, `${op}: ${path || 'the value'} is ${x === null ? x : typeof x}, not a number; pass numbers, booleans, typed arrays or tensors`);
    }
    if (list ? x.length !== shape[depth] : depth !== shape.length) {
      const expected = depth === shape.length ? 'a number' : `a list of ${shape[depth]}`;
      throw new ShapeError(op, `${op}: ragged array: ${path} ${list ? `has length ${x.length}` : 'is a number'}, where ${expected} is expected; make all rows equally long and deep`, { expected, actual: [list ? [x.length] : []] });
    }
    if (list) {
      for (let k = 0; k < x.length; k++) visit(x[k] as NestedArray, depth + 1, `${path}[${k}]`);
      return;
    }
    if (typeof x === 'boolean') booleans++;
    else if (x !== (x | 0)) integers = false;
    values.push(Number(x));
  };
  visit(nested, 0, '');
  return { values, shape, kind: values.length > 0 && booleans === values.length ? 'bool' : integers ? 'int' : 'float' };
}

/** The inverse: nested arrays (booleans for bool) out of row-major values. */
export function nest(values: TypedArray, shape: Shape, dtype: DType): NestedArray {
  let at = 0;
  const build = (axis: number): NestedArray => {
    if (axis === shape.length) {
      const v = values[at++]!;
      return dtype === 'bool' ? v !== 0 : v;
    }
    return Array.from({ length: shape[axis]! }, () => build(axis + 1));
  };
  return build(0);
}

/** Values as a buffer of `dtype`, checked against `shape`. */
export function bufferOf(op: string, values: ArrayLike<number>, shape: Shape, dtype: DType): TypedArray {
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(op, `${op}: ${values.length} values don't fill the shape ${formatShape(shape)} of ${sizeOf(shape)}`, { expected: `${sizeOf(shape)} values`, actual: [shape] });
  }
  return convert(values, dtype);
}
