import {
  type DType, type NestedArray, type Tensor, add, all, any, arange, argmax, argmin, astype, cholesky, choleskyInfo, choleskyInverse, choleskySolve, clip, concat, cumprod, cumsum, det, diag, diagonal, div, dot, eigh,
  einsum, exp, expandDims, eye, flip, full, greater, inv, linspace, logDetFromCholesky, logSoftmax, logSumExp, lu, matmul, max, maximum, mean, min, mod, mul, norm, oneHot, ones, outer, pad,
  pairwiseSquaredDistance, pow, prod, qr, repeat, reshape, roll, scatterAdd, setSlice, sigmoid, slice, softmax, softplus, solve, sort, split, square, squeeze, stack, std, sub, sum, svd, take, takeAlongAxis,
  tensor, tile, topK, trace, transpose, triangularSolve, tril, triu, variance, where, withContext, zeros,
} from '@matheron/core-tensor';
import type { Case, Group } from '../bench.ts';
import { expectArray, expectTrue } from '../compare.ts';
import { array, count } from '../reference/array.ts';

/** Public functions on small tensors, and what NumPy's functions of the same names give. */
interface Example {
  readonly name: string;
  readonly f: () => Tensor;
  readonly expected: NestedArray;
  readonly dtype?: DType;
}

const m = [[1, 2, 3], [4, 5, 6]];
const spd = [[4, 2], [2, 3]];
const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const examples: readonly Example[] = [
  { name: 'zeros, ones, full', f: () => stack([zeros([2]), ones([2]), full([2], 7)]), expected: [[0, 0], [1, 1], [7, 7]] },
  { name: 'eye', f: () => eye(2, { columns: 3, offset: 1 }), expected: [[0, 1, 0], [0, 0, 1]] },
  { name: 'arange', f: () => arange(1, 4, 0.5), expected: [1, 1.5, 2, 2.5, 3, 3.5] },
  { name: 'linspace', f: () => linspace(0, 1, 5), expected: [0, 0.25, 0.5, 0.75, 1] },
  { name: 'broadcasting of rows and columns', f: () => add([[1], [2]], [10, 20, 30]), expected: [[11, 21, 31], [12, 22, 32]] },
  { name: 'broadcasting of a scalar tensor', f: () => mul(tensor(2), m), expected: [[2, 4, 6], [8, 10, 12]] },
  { name: 'broadcasting with size 0', f: () => add(zeros([0, 3]), [1, 2, 3]), expected: [] },
  { name: 'numbers are weak: int32 stays int32', f: () => add(tensor([1, 2], { dtype: 'int32' }), 3), expected: [4, 5], dtype: 'int32' },
  { name: 'comparison gives bool', f: () => greater([1, 3], 2), expected: [0, 1], dtype: 'bool' },
  { name: 'sub, div, pow, mod', f: () => stack([sub([7], [2]), div([7], [2]), pow([7], [2]), mod([-7], [2])]), expected: [[5], [3.5], [49], [1]] },
  { name: 'sum over an axis, kept', f: () => sum(m, 1, { keepdims: true }), expected: [[6], [15]] },
  { name: 'sum over everything', f: () => sum(m), expected: 21 },
  { name: 'mean', f: () => mean(m, 0), expected: [2.5, 3.5, 4.5] },
  { name: 'variance and std', f: () => stack([variance([1, 2, 3, 4]), variance([1, 2, 3, 4], 0, { correction: 1 }), std([1, 3])]), expected: [1.25, 5 / 3, 1] },
  { name: 'prod, max, min', f: () => stack([prod([2, 3, 4]), max([2, 9, 4]), min([2, 9, 4])]), expected: [24, 9, 2] },
  { name: 'any and all', f: () => stack([any([[true, false], [false, false]], 1), all([[true, true], [false, true]], 1)]), expected: [[1, 0], [1, 0]], dtype: 'bool' },
  { name: 'argmax and argmin', f: () => stack([argmax(m, 1), argmin(m, 1)]), expected: [[2, 2], [0, 0]], dtype: 'int32' },
  { name: 'norm', f: () => norm([[3, 4], [0, 0]], 1), expected: [5, 0] },
  { name: 'logSumExp of large and of −Infinity', f: () => logSumExp([[1000, 1000], [-inf, -inf], [-inf, 0]], 1), expected: [1000 + Math.LN2, -inf, 0] },
  { name: 'softmax', f: () => softmax([[0, 0], [1000, 1000], [-1000, 0]]), expected: [[0.5, 0.5], [0.5, 0.5], [0, 1]] },
  { name: 'logSoftmax', f: () => logSoftmax([0, 0]), expected: [-Math.LN2, -Math.LN2] },
  { name: 'softplus and sigmoid without overflow', f: () => stack([softplus([-1000, 0, 1000]), sigmoid([-1000, 0, 1000])]), expected: [[0, Math.LN2, 1000], [0, 0.5, 1]] },
  { name: 'cumsum and cumprod', f: () => stack([cumsum([1, 2, 3]), cumprod([1, 2, 3])]), expected: [[1, 3, 6], [1, 2, 6]] },
  { name: 'clip', f: () => clip([-2, 0.5, 9], 0, 1), expected: [0, 0.5, 1] },
  { name: 'where with numbers', f: () => where(greater([1, 3], 2), [10, 20], 0), expected: [0, 20] },
  { name: 'maximum with a number', f: () => maximum([1, -1], 0), expected: [1, 0] },
  { name: 'concat along the last axis', f: () => concat([m, [[7], [8]]], -1), expected: [[1, 2, 3, 7], [4, 5, 6, 8]] },
  { name: 'stack along the last axis', f: () => stack([[1, 2], [3, 4]], -1), expected: [[1, 3], [2, 4]] },
  { name: 'split', f: () => split([1, 2, 3, 4, 5, 6], [1, 3, 2])[1]!, expected: [2, 3, 4] },
  { name: 'tile and repeat', f: () => stack([tile([1, 2], [2]), repeat([1, 2], 2)]), expected: [[1, 2, 1, 2], [1, 1, 2, 2]] },
  { name: 'flip and roll', f: () => stack([flip([1, 2, 3]), roll([1, 2, 3], 1)]), expected: [[3, 2, 1], [3, 1, 2]] },
  { name: 'pad', f: () => pad([1, 2], [[1, 2]], { value: 9 }), expected: [9, 1, 2, 9, 9] },
  { name: 'reshape, expandDims, squeeze, transpose', f: () => squeeze(expandDims(transpose(reshape([1, 2, 3, 4, 5, 6], [2, -1])), 0)), expected: [[1, 4], [2, 5], [3, 6]] },
  { name: 'slice with steps, ellipsis and a new axis', f: () => slice([[1, 2, 3, 4], [5, 6, 7, 8]], '...', null, [3, null, -2]), expected: [[[4, 2]], [[8, 6]]] },
  { name: 'slice by a negative index', f: () => slice(m, -1), expected: [4, 5, 6] },
  { name: 'setSlice', f: () => setSlice([1, 2, 3, 4], [[1, 3]], [8, 9]), expected: [1, 8, 9, 4] },
  { name: 'take of a matrix of indices', f: () => take([10, 20, 30], [[0, -1], [1, 1]]), expected: [[10, 30], [20, 20]] },
  { name: 'takeAlongAxis', f: () => takeAlongAxis(m, [[2, 0], [1, 1]]), expected: [[3, 1], [5, 5]] },
  { name: 'scatterAdd', f: () => scatterAdd([0, 0, 0], [2, 2, 0], [1, 2, 3]), expected: [3, 0, 3] },
  { name: 'sort and topK', f: () => stack([slice(sort([3, 1, 2]).values, [0, 2]), topK([3, 1, 2], 2).values]), expected: [[1, 2], [3, 2]] },
  { name: 'topK indices', f: () => topK([3, 1, 2], 2).indices, expected: [0, 2], dtype: 'int32' },
  { name: 'oneHot', f: () => oneHot([1, 0], 3), expected: [[0, 1, 0], [1, 0, 0]] },
  { name: 'tril and triu', f: () => stack([tril([[1, 2], [3, 4]]), triu([[1, 2], [3, 4]])]), expected: [[[1, 0], [3, 4]], [[1, 2], [0, 4]]] },
  { name: 'diagonal, diag, trace', f: () => stack([diagonal(m, 1), diagonal(diag([7, 8])), tensor([2, 6]).add(trace([[1, 9], [9, 2]]))]), expected: [[2, 6], [7, 8], [5, 9]] },
  { name: 'matmul of vectors and batches', f: () => stack([matmul(m, [1, 0, -1]), matmul([[[1, 2, 3]], [[4, 5, 6]]], [1, 1, 1]).reshape(2)]), expected: [[-2, -2], [6, 15]] },
  { name: 'dot and outer', f: () => add(outer([1, 2], [3, 4]), dot([1, 2], [3, 4])), expected: [[14, 15], [17, 19]] },
  { name: 'einsum', f: () => einsum('ij,kj->ki', m, m), expected: [[14, 32], [32, 77]] },
  { name: 'einsum of a diagonal and a batch', f: () => stack([einsum('ii->i', [[1, 2], [3, 4]]), einsum('bi,bi->b', [[1, 2], [3, 4]], [[1, 1], [2, 2]])]), expected: [[1, 4], [3, 14]] },
  { name: 'pairwiseSquaredDistance is 0 at equal rows', f: () => pairwiseSquaredDistance([[0.1, 4096], [0.1, 4096], [0.1, 4097]]), expected: [[0, 0, 1], [0, 0, 1], [1, 1, 0]] },
  { name: 'pairwiseSquaredDistance with weights', f: () => pairwiseSquaredDistance([[0, 0]], [[3, 4], [1, 0]], { weights: [1, 0.25] }), expected: [[13, 1]] },
  { name: 'cholesky', f: () => cholesky(spd), expected: [[2, 0], [1, Math.SQRT2]] },
  { name: 'choleskyInfo of an indefinite matrix', f: () => choleskyInfo([[1, 2], [2, 1]]).factor, expected: [[1, 0], [2, nan]] },
  { name: 'choleskySolve', f: () => choleskySolve(cholesky(spd), [[8], [7]]), expected: [[1.25], [1.5]] },
  { name: 'choleskyInverse', f: () => choleskyInverse(cholesky(spd)), expected: [[0.375, -0.25], [-0.25, 0.5]] },
  { name: 'logDetFromCholesky', f: () => logDetFromCholesky(cholesky(spd)), expected: Math.log(8) },
  { name: 'triangularSolve', f: () => triangularSolve([[2, 0], [1, 4]], [[2], [9]]), expected: [[1], [2]] },
  { name: 'solve, inv, det', f: () => stack([solve([[0, 2], [1, 0]], [[2], [3]]).reshape(2), diagonal(inv([[2, 0], [0, 4]])), add([0, 0], det([[0, 1], [1, 0]]))]), expected: [[3, 1], [0.5, 0.25], [-1, -1]] },
  { name: 'lu, qr, eigh, svd put together again', f: () => {
    const a = tensor([[2, 1], [1, 3]]);
    const packed = lu(a);
    const l = add(tril(packed.lu, -1), eye(2));
    const { q, r } = qr(a);
    const { values, vectors } = eigh(a);
    const { u, s, vt } = svd(a);
    return stack([sub(matmul(l, triu(packed.lu)), take(a, packed.permutation)), sub(matmul(q, r), a), sub(matmul(mul(vectors, values), vectors.T), a), sub(matmul(mul(u, s), vt), a)]);
  }, expected: new Array<number[][]>(4).fill([[0, 0], [0, 0]]) },
  { name: 'astype', f: () => astype([1.9, -1.9], 'int32'), expected: [1, -1], dtype: 'int32' },
  { name: 'methods chain', f: () => tensor(m).T.sub(1).square().sum(0).sqrt(), expected: [Math.sqrt(5), Math.sqrt(50)] },
  { name: 'one expression through many kinds', f: () => exp(mul(-0.5, square(sub(expandDims([0, 1, 2], 1), expandDims([0, 1, 2], 0))))), expected: [[1, Math.exp(-0.5), Math.exp(-2)], [Math.exp(-0.5), 1, Math.exp(-0.5)], [Math.exp(-2), Math.exp(-0.5), 1]] },
];

function flatten(x: NestedArray): number[] {
  return typeof x === 'object' ? x.flatMap(flatten) : [Number(x)];
}

function exampleCase({ name, f, expected, dtype }: Example): Case {
  return {
    name, dtypes: dtype ? [dtype] : [],
    async run({ ctx, tolerance }) {
      const x = withContext(ctx, f);
      const values = flatten(expected);
      expectTrue(count(x.shape) === values.length, `the result has shape [${x.shape.join(', ')}], ${values.length} values are expected`);
      expectTrue(x.dtype === (dtype ?? ctx.dtype), `the result is ${x.dtype}`);
      expectArray({ shape: x.shape, dtype: x.dtype, data: await x.data() }, array(x.dtype, x.shape, values), { ulps: 16, absolute: 16 }, name, tolerance);
    },
  };
}

/** A tensor is a copy of what it was made of, and gives out copies. */
const copies: Case = {
  name: 'a tensor keeps its values when the array it was made of changes, sizes 1 to 400', dtypes: ['float64'],
  async run({ ctx }) {
    for (let n = 1; n <= 400; n++) {
      const source = Float64Array.from({ length: n }, (_, k) => k + 0.5);
      const window = n % 2 === 0 ? source : new Float64Array([0, ...source]).subarray(1);
      const x = tensor(window, { ctx });
      const y = x.reshape(1, n);
      window.fill(-1);
      (await x.data()).fill(-2);
      for (const data of [await x.data(), await y.data()]) expectTrue(data.length === n && data.every((v, k) => v === k + 0.5), `${n} values changed with their source`);
    }
  },
};

/** The public layer on the backend. */
export function tensorGroups(): Group[] {
  return [{ name: 'tensor functions', cases: [...examples.map(exampleCase), copies] }];
}
