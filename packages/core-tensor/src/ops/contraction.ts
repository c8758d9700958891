import { create, run1 } from '../dispatch.ts';
import { ShapeError } from '../errors.ts';
import { type TensorLike, expand, operands } from '../operands.ts';
import { type Shape, broadcastShapes, formatShape, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { equal, mul, where } from './elementwise.ts';
import { reshape, transpose } from './movement.ts';
import { sum } from './reduce.ts';

/** Matrix product [..., m, k] · [..., k, n], batch dimensions broadcast; a vector on the left is a row, on the right a column, and its axis is dropped (NumPy's matmul). */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = operands('matmul', [a, b], 'number') as [Tensor, Tensor];
  if (x.ndim === 0 || y.ndim === 0) throw mismatch(x, y, 'a scalar has no axis to contract; use mul');
  const left = x.ndim === 1 ? reshape(x, [1, x.size]) : x;
  const right = y.ndim === 1 ? reshape(y, [y.size, 1]) : y;
  if (left.shape.at(-1) !== right.shape.at(-2)) throw mismatch(x, y, 'the last axis of the first must equal the second to last of the second');
  const batch = broadcastShapes('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2));
  const wide = (t: Tensor): Tensor => expand(t, [...batch, ...t.shape.slice(-2)]);
  const product = run1('matmul', [wide(left), wide(right)], {});
  const tail = [...(x.ndim === 1 ? [] : [left.shape.at(-2)!]), ...(y.ndim === 1 ? [] : [right.shape.at(-1)!])];
  return reshape(product, [...batch, ...tail]);
}
function mismatch(x: Tensor, y: Tensor, remedy: string): ShapeError {
  return new ShapeError('matmul', `matmul: inner dimensions differ, ${formatShape(x.shape)} · ${formatShape(y.shape)}; ${remedy}`, { expected: '[..., m, k] · [..., k, n]', actual: [x.shape, y.shape] });
}

/** NumPy's dot: the inner product of vectors, the matrix product of matrices, a product by a scalar; above that the last axis of `a` with the second to last of `b`. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = operands('dot', [a, b], 'number') as [Tensor, Tensor];
  if (x.ndim === 0 || y.ndim === 0) return mul(x, y);
  if (x.ndim <= 2 && y.ndim <= 2) return matmul(x, y);
  const k = x.shape.at(-1)!;
  const rows = reshape(x, [x.size / Math.max(1, k), k]);
  const columns = y.ndim === 1 ? y : reshape(transpose(y, [y.ndim - 2, ...y.shape.map((_, i) => i).filter((i) => i !== y.ndim - 2)]), [y.shape.at(-2)!, -1]);
  return reshape(matmul(rows, columns), [...x.shape.slice(0, -1), ...(y.ndim === 1 ? [] : [...y.shape.slice(0, -2), y.shape.at(-1)!])]);
}

/** a_i b_j of the flattened operands: [m], [n] → [m, n]. */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = operands('outer', [a, b], 'number') as [Tensor, Tensor];
  return mul(reshape(x, [x.size, 1]), reshape(y, [1, y.size]));
}

/** One operand of an einsum: a label an axis. */
interface Labelled { t: Tensor; labels: string[] }

/**
 * Einstein summation, as NumPy's: `einsum('bij,bjk->bik', a, b)`. Labels are letters; '...' stands for broadcast axes; without '->' the
 * result has the labels that occur once, in alphabetical order. Contracts from left to right through matmul.
 */
export function einsum(equation: string, ...xs: TensorLike[]): Tensor {
  const ts = operands('einsum', xs, 'number');
  const { inputs, output } = parse(equation, ts);
  const sizes = new Map<string, number>();
  ts.forEach((t, k) => {
    inputs[k]!.forEach((label, a) => {
      const size = t.shape[a]!, known = sizes.get(label) ?? 1;
      if (known !== size && known !== 1 && (size !== 1 || !isBatch(label))) {
        throw new ShapeError('einsum', `einsum: '${label}' is ${known} in one operand and ${size} in ${formatShape(t.shape)} of '${equation}'`, { expected: `size ${known}`, actual: ts.map((p) => p.shape) });
      }
      sizes.set(label, known === 1 ? size : known);
    });
  });
  let rest: Labelled[] = ts.map((t, k) => single(t, inputs[k]!, (label) => output.includes(label) || inputs.some((other, j) => j !== k && other.includes(label))));
  while (rest.length > 1) {
    const [a, b, ...others] = rest as [Labelled, Labelled, ...Labelled[]];
    const needed = (label: string): boolean => output.includes(label) || others.some((o) => o.labels.includes(label));
    rest = [contract(a, b, needed, sizes), ...others];
  }
  const { t, labels } = rest[0]!;
  return transpose(t, output.map((label) => labels.indexOf(label)));
}
const isBatch = (label: string): boolean => label.startsWith('.');

function parse(equation: string, ts: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const fail = (why: string): never => {
    throw new ShapeError('einsum', `einsum: '${equation}' ${why}`, { expected: "an equation such as 'ij,jk->ik'", actual: ts.map((t) => t.shape) });
  };
  const compact = equation.replaceAll(/\s/g, '');
  const [left = '', right, ...extra] = compact.split('->');
  const terms = left.split(',');
  if (extra.length > 0) fail("has more than one '->'");
  if (terms.length !== ts.length) fail(`names ${terms.length} operands, ${ts.length} are given`);
  let widest = 0;
  const labelsOf = (term: string, rank: number | undefined): string[] => {
    const parts = term.split('...');
    if (parts.length > 2 || !/^[A-Za-z]*$/.test(parts.join(''))) fail(`has '${term}', which is no list of letters with at most one '...'`);
    const letters = parts.join('').length;
    if (parts.length === 1 && rank !== undefined && letters !== rank) fail(`has '${term}' for an operand of ${rank} axes`);
    const dots = parts.length === 2 ? (rank === undefined ? widest : rank - letters) : 0;
    if (dots < 0) fail(`has '${term}' for an operand of ${rank} axes`);
    if (rank !== undefined) widest = Math.max(widest, dots);
    return [...parts[0]!, ...Array.from({ length: dots }, (_, k) => `.${dots - k}`), ...(parts[1] ?? '')];
  };
  const inputs = terms.map((term, k) => labelsOf(term, ts[k]!.ndim));
  const all = inputs.flat();
  const output = right === undefined
    ? [...new Set(all.filter(isBatch))].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1))).concat([...new Set(all.filter((l) => !isBatch(l)))].filter((l) => all.indexOf(l) === all.lastIndexOf(l)).sort())
    : labelsOf(right, undefined);
  for (const label of output) if (!all.includes(label)) fail(`has '${label}' in the result but in no operand`);
  if (new Set(output).size !== output.length) fail('repeats a label in the result');
  return { inputs, output };
}

/** Diagonals of repeated labels taken, labels that nobody needs summed. */
function single(t: Tensor, labels: readonly string[], needed: (label: string) => boolean): Labelled {
  let x = t;
  let own = [...labels];
  for (let b = 1; b < own.length; b++) {
    const a = own.indexOf(own[b]!);
    if (a === b) continue;
    const along = (axis: number): Tensor => reshape(create('iota', x.ctx, { size: x.shape[axis]!, dtype: 'int32' }), x.shape.map((_, k) => (k === axis ? -1 : 1)));
    x = sum(where(equal(along(a), along(b)), x, 0), b);
    own = own.filter((_, k) => k !== b);
    b--;
  }
  const spare = own.flatMap((label, k) => (needed(label) ? [] : [k]));
  return { t: spare.length > 0 ? sum(x, spare) : x, labels: own.filter(needed) };
}

function contract(a: Labelled, b: Labelled, needed: (label: string) => boolean, sizes: ReadonlyMap<string, number>): Labelled {
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter(needed);
  const inner = shared.filter((l) => !needed(l));
  const left = a.labels.filter((l) => !shared.includes(l));
  const right = b.labels.filter((l) => !shared.includes(l));
  const size = (labels: readonly string[]): Shape => labels.map((l) => sizes.get(l)!);
  const arrange = (x: Labelled, order: readonly string[], shape: Shape): Tensor => {
    const t = transpose(x.t, order.map((l) => x.labels.indexOf(l)));
    const full = order.map((l, k) => (shared.includes(l) ? sizes.get(l)! : t.shape[k]!));
    return reshape(expand(t, full), shape);
  };
  const free = (x: Labelled, labels: readonly string[]): Shape => labels.map((l) => x.t.shape[x.labels.indexOf(l)]!);
  const [m, n, k] = [sizeOf(free(a, left)), sizeOf(free(b, right)), sizeOf(size(inner))];
  const product = matmul(arrange(a, [...batch, ...left, ...inner], [...size(batch), m, k]), arrange(b, [...batch, ...inner, ...right], [...size(batch), k, n]));
  return { t: reshape(product, [...size(batch), ...free(a, left), ...free(b, right)]), labels: [...batch, ...left, ...right] };
}

/**
 * Σ_d w_d (x_id − z_jd)²: [..., n, d], [..., m, d] → [..., n, m]; Z = X by default, weights [d] or a number, 1 by default. Never negative (for
 * weights ≥ 0) and exactly 0 at equal rows: differences are squared, nothing is expanded. Vectors [n] are columns.
 */
export function pairwiseSquaredDistance(X: TensorLike, Z?: TensorLike, options?: { weights?: TensorLike }): Tensor {
  const given = operands('pairwiseSquaredDistance', [X, Z ?? X, ...(options?.weights === undefined ? [] : [options.weights])], 'float');
  const rows = (t: Tensor): Tensor => (t.ndim === 1 ? reshape(t, [t.size, 1]) : t);
  const [x, z, weights] = [rows(given[0]!), rows(Z === undefined ? given[0]! : given[1]!), given[2]];
  const d = x.shape.at(-1);
  if (x.ndim < 2 || z.ndim < 2 || d !== z.shape.at(-1)) {
    throw new ShapeError('pairwiseSquaredDistance', `pairwiseSquaredDistance: ${formatShape(x.shape)} and ${formatShape(z.shape)} don't have points of one dimension in their rows`, { expected: '[..., n, d] and [..., m, d]', actual: [x.shape, z.shape] });
  }
  if (weights && weights.size !== 1 && weights.shape.at(-1) !== d) {
    throw new ShapeError('pairwiseSquaredDistance', `pairwiseSquaredDistance: weights of ${formatShape(weights.shape)} for points of dimension ${d}`, { expected: `[${d}]`, actual: [weights.shape] });
  }
  const difference = reshape(x, [...x.shape.slice(0, -1), 1, d!]).sub(reshape(z, [...z.shape.slice(0, -2), 1, ...z.shape.slice(-2)]));
  const squares = difference.square();
  return sum(weights ? mul(squares, weights) : squares, -1);
}
