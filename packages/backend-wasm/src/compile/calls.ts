import { type CpuBackend, type CpuTensor, copyInto, denseTensor, viewOf } from '@matheron/backend-cpu';
import { type Attributes, type BufferView, type Call, type PlanStep, type Triangle, type TypedArray, bytesOf, makeCall, perform, rowMajorStrides, sizeOf } from '@matheron/core-tensor';
import type { CoreKernels } from '../engine.ts';

export type CallStep = Extract<PlanStep, { kind: 'call' }>;

/** A window in the memory of a function: `byte` of its first element, strides in elements. */
interface Window {
  readonly byte: number;
  readonly view: BufferView;
}
/**
 * Who computes the heavy calls of a plan, on the memory of its function: as in `CoreKernels`, but that `gemm` and `gemm32` may overwrite
 * instead of adding, and what is left of the rows from a failing pivot on is `potrf`'s own affair.
 */
export interface MatrixRoutines extends Pick<CoreKernels, 'gemm' | 'gemm32' | 'potrf' | 'potri' | 'trsm'> {
  readonly overwrites: boolean;
}
/** What a call runs on. */
export interface CallEnvironment {
  readonly backend: CpuBackend;
  readonly kernels: CoreKernels;
  readonly routines: MatrixRoutines;
  readonly workspace: number;
  /** The first byte of a buffer. */
  byteOf(buffer: number): number;
  /** All of the memory, as elements of a dtype. */
  all(dtype: BufferView['dtype']): TypedArray;
}

/** A call of a plan as a function to run; operands and results are where the plan put them. */
export function bindCall(step: CallStep, env: CallEnvironment): () => void {
  const { kind } = step.call;
  const result = step.results[0];
  if (result?.dtype === 'float64' && step.operands.every(({ dtype }) => dtype === 'float64')) {
    switch (kind) {
      case 'matmul': return bindMatmul(step, env);
      case 'cholesky': return bindCholesky(step, env);
      case 'choleskyInverse': return bindInverse(step, env);
      case 'triangularSolve': return bindSolve(step, env);
      default:
    }
  }
  if (kind === 'matmul' && result?.dtype === 'float32') return bindMatmul32(step, env);
  return bindOpaque(step, env);
}

/** Any call, by the backend's own method on windows of the memory. */
function bindOpaque({ call, operands, results }: CallStep, env: CallEnvironment): () => void {
  const inputs = operands.map((view) => tensorOn(view, env));
  const targets = results.map((view) => view && { data: env.all(view.dtype), offset: env.byteOf(view.buffer) / bytesOf(view.dtype), strides: rowMajorStrides(view.shape) });
  const bound = makeCall(call.kind, inputs, call.attributes as never) as Call<CpuTensor>;
  return () => {
    perform(env.backend, bound).forEach((y, k) => {
      const target = targets[k];
      if (target) copyInto(y, target.data, target.strides, target.offset);
    });
  };
}
function tensorOn(view: BufferView, env: CallEnvironment): CpuTensor {
  const data = env.all(view.dtype);
  return viewOf(denseTensor(data, [data.length], view.dtype), view.shape, view.strides, env.byteOf(view.buffer) / bytesOf(view.dtype) + view.offset);
}

/** Each matrix of a batch: the byte offsets of its operands and result. */
function batched(windows: readonly Window[], batch: readonly number[]): number[][] {
  const count = sizeOf(batch);
  return Array.from({ length: count }, (_, flat) => windows.map(({ byte, view }) => {
    let rest = flat, offset = view.offset;
    for (let k = batch.length - 1; k >= 0; k--) {
      offset += (rest % batch[k]!) * view.strides[k]!;
      rest = Math.floor(rest / batch[k]!);
    }
    return byte + offset * bytesOf(view.dtype);
  }));
}
const windowOf = (view: BufferView, env: CallEnvironment): Window => ({ byte: env.byteOf(view.buffer), view });
const matrixStrides = ({ strides }: BufferView): readonly [rows: number, columns: number] => [strides.at(-2)!, strides.at(-1)!];

/** Rows and columns of a product that are computed together where half of an operand is zero. */
const productBlock = 128;

/** A block of a product: rows and columns of the result, and the part of the inner axis that may differ from zero. */
interface ProductBlock {
  readonly rows: readonly [from: number, to: number];
  readonly columns: readonly [from: number, to: number];
  readonly inner: readonly [from: number, to: number];
}
/** The blocks of an m×k by k×n product. A triangle with a dimension of few blocks isn't worth its calls. */
function blocksOf(m: number, k: number, n: number, [left, right]: CallStep['triangles']): ProductBlock[] {
  const cut = (size: number, triangle: Triangle | undefined): (readonly [number, number])[] => {
    if (!triangle || Math.min(size, k) < 2 * productBlock) return [[0, size]];
    return Array.from({ length: Math.ceil(size / productBlock) }, (_, b) => [b * productBlock, Math.min(size, (b + 1) * productBlock)] as const);
  };
  const columns = cut(n, right);
  return cut(m, left).flatMap((rows) => columns.map((c) => {
    const from = Math.min(k, Math.max(left === 'upper' ? rows[0] : 0, right === 'lower' ? c[0] : 0));
    const to = Math.max(from, Math.min(k, left === 'lower' ? rows[1] : k, right === 'upper' ? c[1] : k));
    return { rows, columns: c, inner: [from, to] as const };
  }));
}
function bindMatmul({ operands: [a, b], results: [c], triangles }: CallStep, env: CallEnvironment): () => void {
  const { routines: { gemm, overwrites }, workspace } = env;
  const m = a!.shape.at(-2)!, k = a!.shape.at(-1)!, n = b!.shape.at(-1)!;
  const [ar, ac] = matrixStrides(a!), [br, bc] = matrixStrides(b!), [cr, cc] = matrixStrides(c!);
  const places = batched([a!, b!, c!].map((v) => windowOf(v, env)), c!.shape.slice(0, -2));
  const whole = zeroed(c!, env);
  const blocks = blocksOf(m, k, n, triangles);
  const clear = !overwrites || blocks.some(({ inner: [from, to] }) => from === to);
  return () => {
    if (clear) whole.fill(0);
    for (const [pa, pb, pc] of places) {
      for (const { rows: [i, iEnd], columns: [j, jEnd], inner: [from, to] } of blocks) {
        if (from === to) continue;
        gemm(iEnd - i, jEnd - j, to - from, 1, pa! + 8 * (i * ar + from * ac), ar, ac, pb! + 8 * (from * br + j * bc), br, bc, pc! + 8 * (i * cr + j * cc), cr, cc, 0, workspace);
      }
    }
  };
}
function bindMatmul32({ operands: [a, b], results: [c] }: CallStep, env: CallEnvironment): () => void {
  const { routines: { gemm32, overwrites }, workspace } = env;
  const m = a!.shape.at(-2)!, k = a!.shape.at(-1)!, n = b!.shape.at(-1)!;
  const [ar, ac] = matrixStrides(a!), [br, bc] = matrixStrides(b!), [cr] = matrixStrides(c!);
  const places = batched([a!, b!, c!].map((v) => windowOf(v, env)), c!.shape.slice(0, -2));
  const whole = zeroed(c!, env);
  return () => {
    if (!overwrites) whole.fill(0);
    for (const [pa, pb, pc] of places) gemm32(m, n, k, pa!, ar, ac, pb!, br, bc, pc!, cr, workspace);
  };
}
/** The elements of a dense window. */
function zeroed(view: BufferView, env: CallEnvironment): TypedArray {
  const at = env.byteOf(view.buffer) / bytesOf(view.dtype);
  return env.all(view.dtype).subarray(at, at + sizeOf(view.shape));
}

/** Copies an operand to where the result is to be; nothing where it is there already. */
function bringOver(step: CallStep, operand: BufferView, env: CallEnvironment): () => void {
  if (step.inPlace) return () => {};
  const from = tensorOn(operand, env), result = step.results[0]!;
  const data = env.all(result.dtype), offset = env.byteOf(result.buffer) / bytesOf(result.dtype);
  if (from.step === 1) return () => data.copyWithin(offset, from.offset, from.offset + from.size);
  const strides = rowMajorStrides(result.shape);
  return () => copyInto(from, data, strides, offset);
}

function bindCholesky(step: CallStep, env: CallEnvironment): () => void {
  const { kernels, routines, workspace } = env;
  const [factor, info] = step.results as readonly [BufferView, BufferView | undefined];
  const n = factor.shape.at(-1)!;
  const places = batched([windowOf(factor, env)], factor.shape.slice(0, -2));
  const codes = info && zeroed(info, env);
  const copy = bringOver(step, step.operands[0]!, env);
  const factorAll = (potrf: CoreKernels['potrf']): boolean => {
    let failed = false;
    copy();
    places.forEach(([at], k) => {
      const code = potrf(n, at!, n, workspace);
      if (code !== 0) failed = true;
      if (codes) codes[k] = code;
      if (!step.lower) kernels.zeroUpper(n, at!, n);
    });
    return failed;
  };
  return () => {
    // Once more where others stop at places of their own: of these kernels the columns before the pivot are defined.
    if (factorAll(routines.potrf) && routines.potrf !== kernels.potrf && !step.inPlace) factorAll(kernels.potrf);
  };
}
function bindInverse(step: CallStep, env: CallEnvironment): () => void {
  const { kernels, routines, workspace } = env;
  const [inverse] = step.results as readonly [BufferView];
  const n = inverse.shape.at(-1)!;
  const places = batched([windowOf(inverse, env)], inverse.shape.slice(0, -2));
  const copy = bringOver(step, step.operands[0]!, env);
  return () => {
    copy();
    for (const [at] of places) {
      routines.potri(n, at!, n, workspace);
      if (!step.lower) kernels.mirrorLower(n, at!, n);
    }
  };
}
function bindSolve(step: CallStep, env: CallEnvironment): () => void {
  const { routines, workspace } = env;
  const { lower, transpose, unitDiagonal, side } = step.call.attributes as Attributes['triangularSolve'];
  const [t] = step.operands as readonly [BufferView, BufferView];
  const [x] = step.results as readonly [BufferView];
  const right = side === 'right', transposed = transpose !== right;
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const [n, m] = right ? [columns, rows] : [rows, columns];
  const [tr, tc] = matrixStrides(t);
  const places = batched([windowOf(t, env), windowOf(x, env)], x.shape.slice(0, -2));
  const copy = bringOver(step, step.operands[1]!, env);
  const upper = lower === transposed ? 1 : 0, unit = unitDiagonal ? 1 : 0;
  return () => {
    copy();
    for (const [pt, px] of places) routines.trsm(upper, unit, n, m, pt!, transposed ? tc : tr, transposed ? tr : tc, px!, right ? 1 : columns, right ? columns : 1, workspace);
  };
}
