import type { DType } from '@matheron/core-tensor';
import type { BinaryKernel, Handle, Kit, ReduceKernel, UnaryKernel } from './kit.ts';

/** A handle, or a number that takes the dtype of the other operand. */
export type Operand = Handle | number;

/**
 * Formulas over a kit: numbers stand beside handles, shapes broadcast. Compositions are written with it. Call them inside of
 * `kit.tidy`, which frees what they leave.
 */
export class Algebra {
  readonly kit: Kit;
  readonly #constants = new Map<string, Handle>();
  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** A scalar on the device; made once and kept. */
  constant(value: number, dtype: DType): Handle {
    const key = `${dtype}${Object.is(value, -0) ? '-0' : value}`;
    let scalar = this.#constants.get(key);
    if (!scalar) this.#constants.set(key, (scalar = this.kit.keep(this.kit.fill(value, [], dtype))));
    return scalar;
  }
  #binary(kernel: BinaryKernel, a: Operand, b: Operand): Handle {
    const p = typeof a === 'number' ? this.constant(a, (b as Handle).dtype) : a;
    return this.kit.binary(kernel, p, typeof b === 'number' ? this.constant(b, p.dtype) : b);
  }
  add(a: Operand, b: Operand): Handle { return this.#binary('Add', a, b); }
  sub(a: Operand, b: Operand): Handle { return this.#binary('Sub', a, b); }
  mul(a: Operand, b: Operand): Handle { return this.#binary('Multiply', a, b); }
  div(a: Operand, b: Operand): Handle { return this.#binary('RealDiv', a, b); }
  floorDiv(a: Operand, b: Operand): Handle { return this.#binary('FloorDiv', a, b); }
  remainder(a: Operand, b: Operand): Handle { return this.#binary('Mod', a, b); }
  max(a: Operand, b: Operand): Handle { return this.#binary('Maximum', a, b); }
  min(a: Operand, b: Operand): Handle { return this.#binary('Minimum', a, b); }
  eq(a: Operand, b: Operand): Handle { return this.#binary('Equal', a, b); }
  ne(a: Operand, b: Operand): Handle { return this.#binary('NotEqual', a, b); }
  lt(a: Operand, b: Operand): Handle { return this.#binary('Less', a, b); }
  le(a: Operand, b: Operand): Handle { return this.#binary('LessEqual', a, b); }
  gt(a: Operand, b: Operand): Handle { return this.#binary('Greater', a, b); }
  ge(a: Operand, b: Operand): Handle { return this.#binary('GreaterEqual', a, b); }
  and(a: Handle, b: Handle): Handle { return this.kit.binary('LogicalAnd', a, b); }
  or(a: Handle, b: Handle): Handle { return this.kit.binary('LogicalOr', a, b); }
  not(a: Handle): Handle { return this.kit.unary('LogicalNot', a); }
  /** One of the branches may be a number. */
  where(condition: Handle, a: Operand, b: Operand): Handle {
    const dtype = (typeof a === 'number' ? (b as Handle) : a).dtype;
    return this.kit.select(condition, typeof a === 'number' ? this.constant(a, dtype) : a, typeof b === 'number' ? this.constant(b, dtype) : b);
  }
  apply(kernel: UnaryKernel, x: Handle): Handle { return this.kit.unary(kernel, x); }
  neg(x: Handle): Handle { return this.kit.unary('Neg', x); }
  abs(x: Handle): Handle { return this.kit.unary('Abs', x); }
  sqrt(x: Handle): Handle { return this.kit.unary('Sqrt', x); }
  square(x: Handle): Handle { return this.kit.binary('Multiply', x, x); }
  exp(x: Handle): Handle { return this.kit.unary('Exp', x); }
  log(x: Handle): Handle { return this.kit.unary('Log', x); }
  floor(x: Handle): Handle { return this.kit.unary('Floor', x); }
  isNaN(x: Handle): Handle { return this.kit.unary('IsNan', x); }
  cast(x: Handle, dtype: DType): Handle { return this.kit.cast(x, dtype); }

  /** Σ cₖ xᵏ by Horner's rule, the highest coefficient last. */
  polynomial(coefficients: readonly number[], x: Handle): Handle {
    let y: Operand = coefficients.at(-1)!;
    for (let k = coefficients.length - 2; k >= 0; k--) y = this.add(this.mul(x, y), coefficients[k]!);
    return y as Handle;
  }
  /** A reduction over the last axis that is kept with size 1. */
  reduceKeeping(kernel: ReduceKernel, x: Handle): Handle {
    return this.kit.reshape(this.kit.reduce(kernel, x), [...x.shape.slice(0, -1), 1]);
  }
  /** 0, 1, …, n − 1 in the shape given. */
  iota(n: number, shape: readonly number[], dtype: DType): Handle {
    const values = dtype === 'float64' ? new Float64Array(n) : dtype === 'float32' ? new Float32Array(n) : new Int32Array(n);
    for (let k = 0; k < n; k++) values[k] = k;
    return this.kit.upload(values, shape, dtype);
  }
  /** Columns or rows of matrices [batch, m, n]. */
  block(x: Handle, row: number, rows: number, column: number, columns: number): Handle {
    return this.kit.slice(x, [0, row, column], [x.shape[0]!, rows, columns]);
  }
  /** [batch, m, n] → [batch, n, m]. */
  transposed(x: Handle): Handle {
    return this.kit.transpose(x, [0, 2, 1]);
  }
  matmul(a: Handle, b: Handle, transposeA: boolean = false, transposeB: boolean = false): Handle {
    return this.kit.matmul(a, b, transposeA, transposeB);
  }
}
