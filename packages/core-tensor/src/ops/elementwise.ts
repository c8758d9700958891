import { type BinaryOp, type CompareOp, type UnaryOp, binaryKinds, unaryKinds } from '../backend.ts';
import { withContext } from '../context.ts';
import { run1 } from '../dispatch.ts';
import { type TensorLike, asTensor, expand, operand, together } from '../operands.ts';
import { broadcastShapes } from '../shape.ts';
import { Tensor } from '../tensor.ts';

/** A function of every element. */
export type Unary = (x: TensorLike) => Tensor;
/** A function of pairs of elements, broadcast. */
export type Binary = (a: TensorLike, b: TensorLike) => Tensor;

/** A unary kind by its name; integers go through the context's float dtype where the kind asks for floats. */
export function unaryByName(op: UnaryOp, x: TensorLike): Tensor {
  if (op === 'logicalNot') return run1('unary', [operand(op, x, 'bool')], { op });
  const kind = unaryKinds[op];
  return run1('unary', [operand(op, x, kind === 'same' ? 'number' : 'float')], { op });
}
/** A binary kind by its name, broadcast. */
export function binaryKind(op: BinaryOp, a: TensorLike, b: TensorLike): Tensor {
  return run1('binary', together(op, [a, b], binaryKinds[op]), { op });
}
/** A comparison by its name, broadcast; bool. */
export function compareKind(op: CompareOp, a: TensorLike, b: TensorLike): Tensor {
  return run1('compare', together(op, [a, b], 'any'), { op });
}

const unary = (op: UnaryOp): Unary => (x) => unaryByName(op, x);
const binary = (op: BinaryOp): Binary => (a, b) => binaryKind(op, a, b);
const compare = (op: CompareOp): Binary => (a, b) => compareKind(op, a, b);

/** −x. */
export const neg: Unary = /* @__PURE__ */ unary('neg');
/** |x|; gradient 0 at 0. */
export const abs: Unary = /* @__PURE__ */ unary('abs');
/** −1, 0 or 1; NaN stays NaN. */
export const sign: Unary = /* @__PURE__ */ unary('sign');
/** x². */
export const square: Unary = /* @__PURE__ */ unary('square');
/** max(x, 0); gradient 0 at 0. */
export const relu: Unary = /* @__PURE__ */ unary('relu');
/** The largest integer ≤ x. */
export const floor: Unary = /* @__PURE__ */ unary('floor');
/** The smallest integer ≥ x. */
export const ceil: Unary = /* @__PURE__ */ unary('ceil');
/** To the nearest integer, halves to even (NumPy). */
export const round: Unary = /* @__PURE__ */ unary('round');
/** Towards 0. */
export const trunc: Unary = /* @__PURE__ */ unary('trunc');
/** eˣ. */
export const exp: Unary = /* @__PURE__ */ unary('exp');
/** eˣ − 1 without cancellation near 0. */
export const expm1: Unary = /* @__PURE__ */ unary('expm1');
/** Natural logarithm; −Infinity at 0, NaN below. */
export const log: Unary = /* @__PURE__ */ unary('log');
/** log(1 + x) without cancellation near 0. */
export const log1p: Unary = /* @__PURE__ */ unary('log1p');
/** Logarithm to base 2. */
export const log2: Unary = /* @__PURE__ */ unary('log2');
/** √x; NaN below 0. The gradient at 0 is 0 by convention. */
export const sqrt: Unary = /* @__PURE__ */ unary('sqrt');
/** 1 / x. */
export const reciprocal: Unary = /* @__PURE__ */ unary('reciprocal');
/** Sine of radians. */
export const sin: Unary = /* @__PURE__ */ unary('sin');
/** Cosine of radians. */
export const cos: Unary = /* @__PURE__ */ unary('cos');
/** Tangent of radians. */
export const tan: Unary = /* @__PURE__ */ unary('tan');
/** Inverse sine. */
export const asin: Unary = /* @__PURE__ */ unary('asin');
/** Inverse cosine. */
export const acos: Unary = /* @__PURE__ */ unary('acos');
/** Inverse tangent. */
export const atan: Unary = /* @__PURE__ */ unary('atan');
/** Hyperbolic sine. */
export const sinh: Unary = /* @__PURE__ */ unary('sinh');
/** Hyperbolic cosine. */
export const cosh: Unary = /* @__PURE__ */ unary('cosh');
/** Hyperbolic tangent. */
export const tanh: Unary = /* @__PURE__ */ unary('tanh');
/** 1 / (1 + e⁻ˣ), without overflow. */
export const sigmoid: Unary = /* @__PURE__ */ unary('sigmoid');
/** log(1 / (1 + e⁻ˣ)), without overflow or cancellation. */
export const logSigmoid: Unary = /* @__PURE__ */ unary('logSigmoid');
/** log(1 + eˣ), without overflow. */
export const softplus: Unary = /* @__PURE__ */ unary('softplus');
/** Error function. */
export const erf: Unary = /* @__PURE__ */ unary('erf');
/** 1 − erf(x), accurate in the tail. */
export const erfc: Unary = /* @__PURE__ */ unary('erfc');
/** eˣ² erfc(x). */
export const erfcx: Unary = /* @__PURE__ */ unary('erfcx');
/** Inverse of erf on [−1, 1]. */
export const erfinv: Unary = /* @__PURE__ */ unary('erfinv');
/** log |Γ(x)|. */
export const lgamma: Unary = /* @__PURE__ */ unary('lgamma');
/** d/dx log Γ(x). */
export const digamma: Unary = /* @__PURE__ */ unary('digamma');
/** log Φ(x), the logarithm of the standard normal distribution function, accurate in both tails. */
export const logNormalCdf: Unary = /* @__PURE__ */ unary('logNormalCdf');
/** Whether x is NaN. */
export const isnan: Unary = /* @__PURE__ */ unary('isnan');
/** Whether x is neither infinite nor NaN. */
export const isfinite: Unary = /* @__PURE__ */ unary('isfinite');
/** Whether x is ±Infinity. */
export const isinf: Unary = /* @__PURE__ */ unary('isinf');
/** Whether x is 0 (false). */
export const logicalNot: Unary = /* @__PURE__ */ unary('logicalNot');
/** a + b. */
export const add: Binary = /* @__PURE__ */ binary('add');
/** a − b. */
export const sub: Binary = /* @__PURE__ */ binary('sub');
/** a · b. */
export const mul: Binary = /* @__PURE__ */ binary('mul');
/** a / b; integers are divided as floats. */
export const div: Binary = /* @__PURE__ */ binary('div');
/** aᵇ. */
export const pow: Binary = /* @__PURE__ */ binary('pow');
/** a − b·⌊a/b⌋, with the sign of b (NumPy). */
export const mod: Binary = /* @__PURE__ */ binary('mod');
/** The angle of the point (b, a): atan2(y, x). */
export const atan2: Binary = /* @__PURE__ */ binary('atan2');
/** The larger; NaN wins. Ties share the gradient. */
export const maximum: Binary = /* @__PURE__ */ binary('maximum');
/** The smaller; NaN wins. Ties share the gradient. */
export const minimum: Binary = /* @__PURE__ */ binary('minimum');
/** a and b, as booleans. */
export const logicalAnd: Binary = /* @__PURE__ */ binary('logicalAnd');
/** a or b, as booleans. */
export const logicalOr: Binary = /* @__PURE__ */ binary('logicalOr');
/** Either but not both, as booleans. */
export const logicalXor: Binary = /* @__PURE__ */ binary('logicalXor');
/** a = b. */
export const equal: Binary = /* @__PURE__ */ compare('equal');
/** a ≠ b. */
export const notEqual: Binary = /* @__PURE__ */ compare('notEqual');
/** a < b. */
export const less: Binary = /* @__PURE__ */ compare('less');
/** a ≤ b. */
export const lessEqual: Binary = /* @__PURE__ */ compare('lessEqual');
/** a > b. */
export const greater: Binary = /* @__PURE__ */ compare('greater');
/** a ≥ b. */
export const greaterEqual: Binary = /* @__PURE__ */ compare('greaterEqual');

/** Elementwise choice: `a` where `condition` holds, else `b`; all three broadcast. The gradient of the branch not taken is exactly 0, whatever stands there. */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const home = [condition, a, b].find((v) => v instanceof Tensor)?.ctx;
  const c = operand('where', asTensor('where', condition, home), 'bool');
  const [x, y] = home ? withContext(home, () => together('where', [a, b], 'any')) : together('where', [a, b], 'any');
  const shape = broadcastShapes('where', c.shape, x!.shape);
  return run1('where', [expand(c, shape), expand(x!, shape), expand(y!, shape)], {});
}

/** min(max(x, low), high); null leaves a side open. The gradient is 1 inside and at the bounds' inner side, ties shared as in `maximum`. */
export function clip(x: TensorLike, low: TensorLike | null, high: TensorLike | null): Tensor {
  const above = low === null ? x : maximum(x, low);
  return high === null ? operand('clip', above, 'number') : minimum(above, high);
}
