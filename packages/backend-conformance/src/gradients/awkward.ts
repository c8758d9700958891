import { customGradient, grad } from '@matheron/autograd';
import { type Tensor, add, cumprod, div, erfc, exp, log, max, maximum, min, mul, norm, pow, prod, relu, sin, sqrt, square, sub, sum, abs, atan2, where, greater, sort, slice, logSumExp, softmax, logSoftmax, variance, std } from '@matheron/core-tensor';
import type { Point } from './row.ts';
import { at } from './row.ts';

/** Where a derivative is infinite, shared or not there: the gradient of Σ f by convention. `undefined`: any finite value. */
export interface AwkwardRow {
  readonly name: string;
  readonly f: (...x: Tensor[]) => Tensor;
  readonly x: readonly Point[];
  readonly gradients: readonly (readonly (number | undefined)[])[];
}

const finite = (n: number): undefined[] => new Array<undefined>(n).fill(undefined);

export const awkwardRows: readonly AwkwardRow[] = [
  { name: 'sqrt at 0 is 0', f: sqrt, x: [at([0, 4])], gradients: [[0, 0.25]] },
  { name: 'norm at 0 is 0', f: (x) => norm(x), x: [at([0, 0, 0])], gradients: [[0, 0, 0]] },
  { name: 'norm of rows, one of them 0', f: (x) => norm(x, 1), x: [at([0, 0, 3, 4], [2, 2])], gradients: [[0, 0, 0.6, 0.8]] },
  { name: 'relu at 0 is 0', f: relu, x: [at([0, -1, 2])], gradients: [[0, 0, 1]] },
  { name: 'abs at 0 is 0', f: abs, x: [at([0, -1, 2])], gradients: [[0, -1, 1]] },
  { name: 'max shares ties', f: (x) => max(x), x: [at([2, 5, 5, 1])], gradients: [[0, 0.5, 0.5, 0]] },
  { name: 'min shares ties', f: (x) => min(x, 1), x: [at([1, 1, 1, 2, 3, 4], [2, 3])], gradients: [[1 / 3, 1 / 3, 1 / 3, 1, 0, 0]] },
  { name: 'maximum shares ties', f: maximum, x: [at([1, 2, 3]), at([1, 3, 2])], gradients: [[0.5, 0, 1], [0.5, 1, 0]] },
  { name: 'where, NaN in the branch not taken: log', f: (x) => where(greater(x, 0), log(x), x), x: [at([2, 0, -1])], gradients: [[0.5, 1, 1]] },
  { name: 'where, NaN in the branch not taken: sqrt', f: (x) => where(greater(x, 0), sqrt(x), 0), x: [at([4, 0, -1])], gradients: [[0.25, 0, 0]] },
  { name: 'where, overflow in the branch not taken', f: (x) => where(greater(x, 0), 1, exp(mul(x, -1))), x: [at([1000, -1])], gradients: [[0, -Math.E]] },
  { name: 'where, a division by 0 in the branch not taken', f: (x) => where(greater(x, 0), div(1, x), x), x: [at([2, 0])], gradients: [[-0.25, 1]] },
  { name: 'prod with one zero', f: (x) => prod(x), x: [at([2, 0, 3])], gradients: [[0, 6, 0]] },
  { name: 'prod with two zeros', f: (x) => prod(x), x: [at([2, 0, 0])], gradients: [[0, 0, 0]] },
  { name: 'cumprod with zeros', f: (x) => cumprod(x), x: [at([2, 0, 3])], gradients: [[1, 8, 0]] },
  { name: 'pow at base 0', f: (x) => pow(x, 2), x: [at([0, 3])], gradients: [[0, 6]] },
  { name: 'pow at exponent 0', f: (x) => pow(x, 0), x: [at([0, 3])], gradients: [[0, 0]] },
  { name: 'pow of 0, towards the exponent', f: (x, y) => pow(x, y), x: [at([0]), at([2])], gradients: [[0], [0]] },
  { name: 'atan2 at the origin', f: atan2, x: [at([0]), at([0])], gradients: [[0], [0]] },
  { name: 'the square of a norm at 0', f: (x) => square(norm(x)), x: [at([0, 0])], gradients: [[0, 0]] },
  { name: 'distances between equal points', f: (x) => sqrt(sum(square(sub(x, x)), 1)), x: [at([1, 2, 3, 4], [2, 2])], gradients: [[0, 0, 0, 0]] },
  { name: 'std of equal values', f: (x) => std(x), x: [at([3, 3, 3])], gradients: [[0, 0, 0]] },
  { name: 'variance', f: (x) => variance(x), x: [at([1, 2, 6])], gradients: [[-4 / 3, -2 / 3, 2]] },
  { name: 'logSumExp of large values', f: (x) => logSumExp(x), x: [at([1000, 1000, -1000])], gradients: [[0.5, 0.5, 0]] },
  { name: 'logSumExp with −Infinity', f: (x) => logSumExp(x), x: [at([0, Number.NEGATIVE_INFINITY])], gradients: [[1, 0]] },
  { name: 'softmax of large values', f: (x) => slice(softmax(x), [0, 1]), x: [at([800, 800])], gradients: [[0.25, -0.25]] },
  { name: 'logSoftmax of distant values', f: (x) => slice(logSoftmax(x), [1, 2]), x: [at([900, -900])], gradients: [[-1, 1]] },
  { name: 'sort of equal values keeps gradients apart', f: (x) => mul(sort(x).values, [1, 2, 3]), x: [at([5, 5, 1])], gradients: [[2, 3, 1]] },
  { name: 'erfc far out', f: erfc, x: [at([30, -30])], gradients: [[0, 0]] },
  { name: 'sin of 0', f: (x) => sin(x), x: [at([0, -0])], gradients: [[1, 1]] },
  { name: 'an argument that is not used', f: (x) => mul(x, 2), x: [at([1]), at([1, 2])], gradients: [[2], [0, 0]] },
  { name: 'sqrt of 0 times 0', f: (x, y) => mul(sqrt(x), y), x: [at([0]), at([0])], gradients: [[0], [0]] },
  { name: 'a second derivative at sqrt 0 is finite', f: (x) => grad((z: Tensor) => sum(mul(sqrt(z), z)))(x), x: [at([0, 4])], gradients: [[...finite(1), 0.375]] },
];

/** x³ whose gradient is stated through a kept tensor: nested, the kept x² stays a function of x. */
export const cube: (x: Tensor) => Tensor = (x) =>
  customGradient({ forward: (z: Tensor) => { const z2 = mul(z, z); return [mul(z2, z), z2] as const; }, backward: (g, { kept: [z2] }) => [mul(mul(g, z2), 3)] })(x);

/** A rule over two inputs, one of which gets no gradient. */
export const scaledSquare: (x: Tensor, y: Tensor) => Tensor = (x, y) =>
  add(customGradient({ forward: (p: Tensor, q: Tensor) => [mul(square(p), q)] as const, backward: (g, { inputs: [p, q] }) => [mul(mul(g, p), mul(q, 2)), mul(g, square(p))] })(x, y), mul(x, y));
