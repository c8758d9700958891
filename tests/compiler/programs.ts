// Random programs for property tests: a list of steps, each of which picks an operation and earlier tensors by number, so that any list of
// numbers is a program and shrinks to a smaller one.
import {
  type Tensor, abs, add, all, any, argmax, argmin, atan2, broadcastTo, choleskyInfo, choleskyInverse, clip, concat, cos, cumprod, cumsum, diag, diagonal, div, erf, exp, expandDims, expm1, eye, flip,
  floor, greater, less, lgamma, log, log1p, logicalAnd, logicalNot, logSumExp, lu, matmul, matrixTranspose, max, maximum, mean, min, minimum, mul, neg, oneHot, outer, pad, pow, prod, qr,
  reciprocal, relu, reshape, run1, scatterAdd, sigmoid, sign, sin, slice, softmax, softplus, sort, sqrt, square, stack, sub, sum, take, tanh, tensor, tile, transpose, triangularSolve, tril, triu,
  trunc, variance, where, ceil, isfinite, arange,
} from '@matheron/core-tensor';

/** One step: which operation, which operands, and a number for what it needs besides. */
export interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly n: number;
}
type Operation = (x: Tensor, y: Tensor, n: number) => Tensor;

const like = (x: Tensor, value: number): Tensor => x.mul(0).add(value);
/** Keeps magnitudes near 1, so that differences of rounding stay small. */
const tame = (x: Tensor): Tensor => tanh(x.mul(0.5)).mul(2);
/** `y` made to broadcast to the shape of `x`: cut to one element where it doesn't. */
function fit(y: Tensor, x: Tensor): Tensor {
  const ok = y.ndim <= x.ndim && y.shape.every((s, k) => s === 1 || s === x.shape[x.ndim - y.ndim + k]);
  return ok ? y : reshape(y, [y.size]).slice(0);
}
/** At least a matrix; at most three axes. */
function matrix(x: Tensor): Tensor {
  if (x.ndim > 3) return reshape(x, [-1, x.shape.at(-1)!]);
  return x.ndim >= 2 ? x : reshape(x, [1, x.size]);
}
function positive(x: Tensor): Tensor {
  const m = tame(matrix(x)), k = m.shape.at(-2)!;
  return matmul(m, matrixTranspose(m)).mul(0.1).add(eye(k, { ctx: x.ctx, dtype: m.dtype as 'float64' }).mul(1.5));
}
const factor = (x: Tensor): Tensor => choleskyInfo(positive(x)).factor;
const axisOf = (x: Tensor, n: number): number => (x.ndim === 0 ? 0 : n % x.ndim);
const withAxis = (f: (x: Tensor, axis: number, n: number) => Tensor): Operation => (x, _y, n) => (x.ndim === 0 ? x : f(x, axisOf(x, n), n));

export const operations: Readonly<Record<string, Operation>> = {
  exp: (x) => exp(tame(x)), neg, abs, square: (x) => square(tame(x)), sqrt: (x) => sqrt(abs(x).add(0.3)), sin, cos, tanh, sigmoid, relu,
  reciprocal: (x) => reciprocal(square(x).add(0.5)), log: (x) => log(abs(x).add(0.5)), log1p: (x) => log1p(abs(x)), expm1: (x) => expm1(tame(x)), softplus, erf,
  lgamma: (x) => lgamma(abs(tame(x)).add(1)), floor: (x) => floor(x.mul(1.37).add(0.1234567)), ceil: (x) => ceil(x.mul(0.77).add(0.7654321)), trunc: (x) => trunc(x.mul(2.1).add(0.1234567)),
  sign: (x) => sign(x.add(0.1234567)),
  add: (x, y) => add(x, fit(y, x)), sub: (x, y) => sub(fit(y, x), x), mul: (x, y) => mul(tame(x), fit(y, x)), div: (x, y) => div(x, square(fit(y, x)).add(0.5)),
  maximum: (x, y) => maximum(x, fit(y, x)), minimum: (x, y) => minimum(fit(y, x), x), pow: (x, y) => pow(abs(tame(x)).add(0.5), tame(fit(y, x))), atan2: (x, y) => atan2(x, square(fit(y, x)).add(0.5)),
  byNumber: (x, _y, n) => x.mul(1 + n / 8).sub(n / 3), difference: (x, y) => square(sub(x, fit(y, x))),
  where: (x, y) => where(greater(fit(y, x), 0.1234567), x, fit(y, x).mul(2)), mask: (x, y) => where(logicalAnd(less(x, 0.7654321), logicalNot(greater(fit(y, x), 0.1234567))), x, 0.5),
  clip: (x) => clip(x, -0.8, 1.1), finite: (x) => where(isfinite(x), x, 0), asMask: (x) => greater(x, 0.1234567).astype(x.dtype),
  transpose: (x) => transpose(x), permute: (x, _y, n) => transpose(x, x.shape.map((_, k) => (k + 1 + n) % Math.max(1, x.ndim))), flatten: (x) => reshape(x, [x.size]),
  fold: (x, _y, n) => (x.size % (n + 2) === 0 ? reshape(x, [n + 2, -1]) : reshape(x, [1, -1])), expand: (x, _y, n) => (x.ndim < 4 ? expandDims(x, n % (x.ndim + 1)) : x),
  narrow: withAxis((x, axis, n) => slice(x, ...x.shape.map((s, k) => (k === axis ? [n % s, null] as const : ([] as const))))),
  every: withAxis((x, axis, n) => slice(x, ...x.shape.map((_, k) => (k === axis ? [null, null, 1 + (n % 3)] as const : ([] as const))))),
  backwards: withAxis((x, axis, n) => slice(x, ...x.shape.map((_, k) => (k === axis ? [null, null, -1 - (n % 2)] as const : ([] as const))))),
  flip: withAxis((x, axis) => flip(x, axis)), row: (x, _y, n) => (x.ndim > 1 ? slice(x, n % x.shape[0]!) : x),
  pad: (x, _y, n) => pad(x, x.shape.map((_, k) => (k === axisOf(x, n) ? [n % 3, 1] : [0, n % 2])), { value: n / 4 }),
  interior: withAxis((x, axis, n) => run1('pad', [x], { widths: x.shape.map((_, k) => ({ low: k === axis ? n % 2 : 0, high: 0, interior: k === axis ? 1 : 0 })), value: 0.5 })),
  concat: (x, y, n) => (x.ndim === 0 ? x : concat([x, broadcastTo(fit(y, x), x.shape), x.mul(2)], axisOf(x, n))), stack: (x, y, n) => (x.ndim < 3 ? stack([x, broadcastTo(fit(y, x), x.shape)], n % (x.ndim + 1)) : x),
  tile: (x, _y, n) => (x.size < 40 ? tile(x, x.shape.map((_, k) => (k === axisOf(x, n) ? 2 : 1))) : x), columns: (x) => (x.ndim === 1 && x.size < 20 ? sub(reshape(x, [x.size, 1]), x) : x),
  sum: (x) => sum(x).mul(0.3), sumAxis: withAxis((x, axis) => sum(x, axis).mul(0.3)), sumKept: withAxis((x, axis) => x.sub(sum(x, axis, { keepdims: true }).mul(0.1))), mean: withAxis((x, axis) => mean(x, axis)),
  max: withAxis((x, axis) => max(x, axis)), min: (x) => min(x), prod: withAxis((x, axis) => prod(tame(x).mul(0.5).add(0.7), axis)), any: withAxis((x, axis) => any(greater(x, 0.7654321), axis).astype(x.dtype)),
  all: withAxis((x, axis) => all(greater(x, -0.7654321), axis).astype(x.dtype)), variance: withAxis((x, axis) => variance(x, axis)), softmax: withAxis((x, axis) => softmax(x, axis)),
  logSumExp: withAxis((x, axis) => logSumExp(x, axis)), cumsum: withAxis((x, axis) => cumsum(x, axis).mul(0.3)), cumprod: withAxis((x, axis) => cumprod(tame(x).mul(0.3).add(0.8), axis)),
  argmax: withAxis((x, axis) => argmax(x.mul(1.1), axis).astype(x.dtype).mul(0.1)), oneHot: withAxis((x, axis) => oneHot(argmin(x, axis), x.shape[axis]!, { dtype: x.dtype })),
  sort: withAxis((x, axis) => sort(x, axis).values), take: withAxis((x, axis, n) => take(x, tensor([0, n % x.shape[axis]!, -1], { ctx: x.ctx }).astype('int32'), axis)),
  scatterAdd: withAxis((x, axis, n) => scatterAdd(x, tensor([n % x.shape[axis]!, 0], { ctx: x.ctx }).astype('int32'), tensor(0.5, { ctx: x.ctx, dtype: x.dtype }), axis)),
  unfold: withAxis((x, _axis, n) => (x.shape.at(-1)! > 2 ? run1('unfold', [x], { windows: [{ width: 2, stride: 1 + (n % 2), dilation: 1 }] }) : x)),
  matmul: (x) => { const m = tame(matrix(x)); return matmul(m, matrixTranspose(m)).mul(0.2); }, matmulLeft: (x, y) => { const m = tame(matrix(x)); return matmul(matrixTranspose(m), m).mul(0.2).add(fit(y, y).mean()); },
  outer: (x, y) => (x.size * y.size <= 200 ? outer(tame(x), y) : x), matvec: (x) => { const m = matrix(x); return matmul(m, like(m, 0.3).sum(m.shape.slice(0, -1).map((_, k) => k))); },
  cholesky: factor, inverse: (x) => choleskyInverse(factor(x)), logdet: (x) => sum(log(diagonal(factor(x))), -1), solve: (x) => { const l = factor(x); return triangularSolve(l, tame(matrix(x))); },
  solveBack: (x) => { const l = factor(x); return triangularSolve(l, tame(matrix(x)), { transpose: true }); }, solveRight: (x) => { const l = factor(x); return triangularSolve(l, matrixTranspose(tame(matrix(x))), { side: 'right' }); },
  solveUpper: (x) => { const l = factor(x); return triangularSolve(matrixTranspose(l), tame(matrix(x)), { lower: false, unitDiagonal: true }).mul(0.1); },
  lu: (x) => tril(lu(positive(x)).lu), qr: (x) => { const { q, r } = qr(positive(x)); return matmul(q, r); }, tril: (x, _y, n) => tril(matrix(x), (n % 3) - 1), triu: (x, _y, n) => triu(matrix(x), (n % 3) - 1),
  diagonal: (x, _y, n) => diagonal(matrix(x), n % 2 === 0 ? 0 : -(matrix(x).shape.at(-2)! > 1 ? 1 : 0)), diag: (x) => (x.ndim === 1 && x.size < 12 ? diag(x) : x),
  single: (x) => x.astype('float32').mul(1.5).astype(x.dtype), whole: (x) => x.mul(3.3).add(0.1234567).astype('int32').add(2).astype(x.dtype).mul(0.2), integers: (x) => (x.ndim === 1 ? x.add(arange(x.size, undefined, 1, { ctx: x.ctx, dtype: 'int32' }).mul(3).astype(x.dtype)).mul(0.2) : x),
};
export const names: readonly string[] = Object.keys(operations);

/** Runs a program; results of more than `largest` elements are dropped. */
export function runProgram(steps: readonly Step[], inputs: readonly Tensor[], largest: number = 400): Tensor[] {
  const values = [...inputs];
  for (const { op, a, b, n } of steps) {
    const x = values[a % values.length]!, y = values[b % values.length]!;
    const z = operations[names[op % names.length]!]!(x, y, n);
    if (z.size <= largest && z.ndim <= 4 && z.size > 0) values.push(z);
  }
  return values.slice(-3);
}
export function programText(steps: readonly Step[]): string {
  return steps.map(({ op, a, b, n }) => `${names[op % names.length]!}(${a}, ${b}; ${n})`).join(' ');
}
