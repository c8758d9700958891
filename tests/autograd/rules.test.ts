import { cpu } from '@matheron/backend-cpu';
import * as m from '@matheron/core-tensor';
import { type Tensor, tensor, setDefaultContext } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { check, random } from './differences.ts';

setDefaultContext(cpu());
const raw = m.run1;

describe('elementwise', () => {
  const domains: Record<string, readonly [number, number]> = {
    neg: [-2, 2], abs: [0.1, 2], square: [-2, 2], relu: [0.1, 2], sign: [0.1, 1], floor: [0.1, 0.9], ceil: [0.1, 0.9], round: [0.1, 0.4], trunc: [0.1, 0.9],
    exp: [-3, 3], expm1: [-3, 3], log: [0.5, 3], log1p: [-0.4, 3], log2: [0.5, 3], sqrt: [0.5, 3], reciprocal: [0.5, 3],
    sin: [-3, 3], cos: [-3, 3], tan: [-1, 1], asin: [-0.8, 0.8], acos: [-0.8, 0.8], atan: [-3, 3], sinh: [-2, 2], cosh: [-2, 2], tanh: [-2, 2],
    sigmoid: [-4, 4], logSigmoid: [-4, 4], softplus: [-4, 4], erf: [-2, 2], erfc: [-2, 2], erfcx: [-1, 5], erfinv: [-0.7, 0.7],
    lgamma: [0.7, 6], digamma: [0.7, 6], logNormalCdf: [-6, 6],
  };
  for (const op of Object.keys(m.unaryKinds) as m.UnaryOp[]) {
    if (m.unaryKinds[op] === 'bool') continue;
    it(op, () => {
      const domain = domains[op];
      if (!domain) throw new Error(`no domain for ${op}`);
      check((x) => raw('unary', [x], { op }), [random([2, 3], 3, ...domain)], { tolerance: 1e-7 });
    });
  }
  it('abs, relu on the negative side', () => {
    check((x) => x.abs().add(x.relu()), [random([4], 2, -2, -0.1)]);
  });
  it('digamma and lgamma left of 0', () => {
    check((x) => x.digamma(), [tensor([-0.4, -1.3, -2.6])], { tolerance: 1e-6 });
    check((x) => x.lgamma(), [tensor([-0.4, -1.3, -2.6])], { tolerance: 1e-6 });
  });
  it('erfcx and logNormalCdf far out', () => {
    check((x) => x.erfcx(), [tensor([13, 40, 300])], { tolerance: 1e-7 });
    check((x) => x.logNormalCdf(), [tensor([-30, -12, 5.5, 9])], { tolerance: 1e-7 });
  });
  const binary: Record<string, readonly [Tensor, Tensor]> = {
    add: [random([3], 1), random([3], 2)], sub: [random([3], 1), random([3], 2)], mul: [random([3], 1), random([3], 2)], div: [random([3], 1), random([3], 2, 0.5, 2)],
    pow: [random([3], 1, 0.5, 2), random([3], 2, -2, 2)], mod: [tensor([5.2, -1.3, 7.7]), tensor([2, 0.9, -3.1])], atan2: [random([3], 1), random([3], 2, 0.2, 1)],
    maximum: [tensor([1, 2, 3]), tensor([2, 1, 5])], minimum: [tensor([1, 2, 3]), tensor([2, 1, 5])],
  };
  for (const op of Object.keys(m.binaryKinds) as m.BinaryOp[]) {
    if (m.binaryKinds[op] === 'bool') continue;
    it(op, () => check((a, b) => raw('binary', [a, b], { op }), [...binary[op]!], { tolerance: 1e-7 }));
  }
  it('pow with a negative base and a whole exponent', () => check((x) => x.pow(3).add(x.pow(-2)), [tensor([-1.5, -0.7, 2])]));
  it('where', () => check((a, b) => m.where([true, false, true], a.square(), b.square()), [random([3], 1), random([3], 2)]));
  it('broadcasting', () => check((a, b) => a.mul(b).add(b), [random([2, 1, 3], 1), random([4, 1], 2)]));
  it('cast between floats', () => check((x) => x.square().astype('float32').astype('float64').mul(0).add(x.square()), [random([3])]));
});

describe('movement', () => {
  const x = random([3, 4, 2]);
  it('reshape, transpose', () => check((t) => t.reshape(4, 6).transpose().square(), [x]));
  it('permute', () => check((t) => t.transpose(2, 0, 1).square(), [x]));
  it('slice with steps', () => check((t) => t.slice([0, 3, 2], [3, null, -2], 1).square(), [x]));
  it('slice backwards, whole and empty', () => {
    check((t) => t.slice([], [null, null, -1]).square(), [x]);
    check((t) => t.slice([1, 1]).square().sum().add(t.square().sum()), [x]);
  });
  it('pad, crop and interior', () => {
    for (const widths of [
      [{ low: 1, high: 2, interior: 0 }, { low: 0, high: 0, interior: 2 }],
      [{ low: -1, high: 2, interior: 1 }, { low: -2, high: -1, interior: 0 }],
      [{ low: -1, high: -2, interior: 2 }, { low: 3, high: -4, interior: 1 }],
    ]) check((t) => raw('pad', [t.square()], { widths, value: 7 }), [random([3, 4])]);
  });
  it('concat, stack, tile, flip', () => {
    check((a, b) => m.concat([a, b.square(), a], 1), [random([2, 2], 1), random([2, 3], 2)]);
    check((a, b) => m.stack([a, b.square()], 1), [random([2, 2], 1), random([2, 2], 2)]);
    check((a) => m.tile(a.square(), [2, 3]), [random([2, 2], 1)]);
    check((a) => m.flip(a.square(), 1), [random([2, 3], 1)]);
  });
});

describe('reductions and order', () => {
  const x = random([3, 4, 2]);
  it('sum, mean', () => check((t) => t.square().sum([0, 2]).add(t.mean(1).square().sum()), [x]));
  it('prod, zeros too', () => {
    check((t) => t.prod([0, 2]), [x]);
    check((t) => t.prod(), [tensor([2, 0, 3])]);
    check((t) => t.prod(1), [tensor([[2, 0, 3, 0], [0, 1, 1, 5]])]);
  });
  it('max, min', () => check((t) => t.square().max([0, 1]).add(t.min([0, 1])), [x]));
  it('cumsum, cumprod, zeros too', () => {
    check((t) => m.cumsum(t.square(), 1), [x]);
    check((t) => m.cumprod(t, 1), [x]);
    check((t) => m.cumprod(t, 0), [tensor([2, 0, 3, 0, 0.5, 7, 1.5])]);
    check((t) => m.cumprod(t, -1), [tensor([[2, 0.5, 3], [0, 1, 2]])]);
  });
  it('sort, topK', () => {
    check((t) => m.sort(t.square(), 1).values.mul(m.arange(4).reshape(4, 1)), [x]);
    check((t) => m.topK(t.square(), 2, -1).values.mul([1, 2]), [random([3, 5])]);
  });
  it('variance, norm, logSumExp, softmax', () => {
    check((t) => t.variance(1).add(m.norm(t, 1)), [x]);
    check((t) => t.logSumExp([0, 1]).add(t.softmax(1).square().sum()), [x]);
  });
});

describe('indexing', () => {
  it('take, with repeats and along axis 1', () => {
    check((t) => m.take(t.square(), [2, 0, 2, -1], 0), [random([3, 2])]);
    check((t) => m.take(t.square(), [1, 1], 1), [random([3, 2, 2])]);
  });
  it('takeAlongAxis', () => check((t) => m.takeAlongAxis(t.square(), [[0, 0], [1, 0], [1, 1]], 1), [random([3, 2])]));
  it('scatterAdd', () => check((a, u) => m.scatterAdd(a.square(), [1, 1, 0], u.square(), 0), [random([3, 2], 1), random([3, 2], 2)]));
  it('unfold, fold', () => {
    const windows = [{ width: 3, stride: 2, dilation: 1 }, { width: 2, stride: 1, dilation: 2 }];
    check((t) => raw('unfold', [t.square()], { windows }), [random([2, 8, 5])]);
    check((t) => raw('fold', [raw('unfold', [t.square()], { windows }).square()], { windows, shape: [2, 8, 5] }), [random([2, 8, 5])]);
  });
  it('diagonal, tril, trace, setSlice', () => {
    check((t) => m.diagonal(t.square()), [random([2, 3, 3])]);
    check((t) => m.tril(t.square()), [random([2, 3, 3])]);
    check((a, b) => m.setSlice(a.square(), [[1, 3]], b.square()), [random([4, 2], 1), random([2, 2], 2)]);
  });
});

const spd = (t: Tensor): Tensor => m.matmul(t, t.T).add(m.eye(t.shape.at(-1)!));
const lower = (t: Tensor): Tensor => m.tril(t).add(m.eye(t.shape.at(-1)!).mul(2));

describe('linear algebra, with batch dimensions', () => {
  it('matmul', () => {
    check((a, b) => m.matmul(a, b), [random([2, 3], 1), random([3, 4], 2)]);
    check((a, b) => m.matmul(a, b), [random([2, 1, 2, 3], 1), random([3, 3, 2], 2)]);
  });
  it('cholesky', () => {
    check((t) => m.cholesky(spd(t)), [random([4, 4])]);
    check((t) => m.cholesky(spd(t)), [random([2, 3, 3])]);
  });
  for (const side of ['left', 'right'] as const)
    for (const transpose of [false, true])
      for (const unitDiagonal of [false, true])
        for (const isLower of [false, true])
          it(`triangularSolve ${side} ${transpose ? 'transposed ' : ''}${unitDiagonal ? 'unit ' : ''}${isLower ? 'lower' : 'upper'}`, () => {
            const t = random([2, 3, 3], 1).add(m.eye(3).mul(2));
            const b = side === 'left' ? random([2, 3, 2], 2) : random([2, 2, 3], 2);
            check((l, r) => raw('triangularSolve', [l, r], { lower: isLower, transpose, unitDiagonal, side }), [t, b]);
          });
  it('choleskyInverse, choleskySolve, logDet', () => {
    check((t) => m.choleskyInverse(lower(t)), [random([2, 3, 3])]);
    check((t) => raw('choleskyInverse', [t], {}), [random([3, 3]).add(m.eye(3).mul(2))]);
    check((t, b) => m.choleskySolve(lower(t), b), [random([3, 3], 1), random([3, 2], 2)]);
    check((t) => m.logDetFromCholesky(lower(t)), [random([2, 3, 3], 1, 0, 1)]);
  });
  it('lu, solve, inv, det', () => {
    check((t) => raw('lu', [t], {}), [random([4, 4])], { tolerance: 1e-7 });
    check((t) => m.lu(t).lu, [random([2, 3, 3], 4)], { tolerance: 1e-7 });
    check((a, b) => m.solve(a, b), [random([2, 3, 3], 1).add(m.eye(3).mul(2)), random([2, 3, 2], 2)]);
    check((a) => m.inv(a), [random([3, 3], 1).add(m.eye(3).mul(2))]);
    check((a) => m.det(a), [random([3, 3], 1).add(m.eye(3).mul(2))]);
  });
  for (const shape of [[4, 4], [5, 3], [2, 4, 3], [3, 5], [2, 2, 4]])
    for (const pivot of [false, true])
      it(`qr ${shape.join('×')}${pivot ? ', pivoted' : ''}`, () => {
        // Columns of different size, so that no difference quotient meets another pivot order.
        const x = random(shape, 7).mul(m.arange(1, shape.at(-1)! + 1).square());
        check((t) => m.qr(t, { pivot }).r, [x], { tolerance: 1e-7 });
        check((t) => m.qr(t, { pivot }).q, [x], { tolerance: 1e-7 });
        check((t) => { const { q, r } = m.qr(t, { pivot }); return q.square().sum().add(r.square().mul(m.arange(r.size).reshape(...r.shape)).sum()).add(m.matmul(q, r).sum()); }, [x], { tolerance: 1e-7 });
      });
  it('eigh', () => {
    const sym = (t: Tensor): Tensor => t.add(t.T);
    check((t) => m.eigh(sym(t)).values, [random([4, 4])], { tolerance: 1e-7 });
    check((t) => m.eigh(sym(t)).vectors, [random([3, 3], 3)], { tolerance: 1e-6 });
    check((t) => { const { values, vectors } = m.eigh(sym(t)); return vectors.mul(values.expandDims(-2)).square(); }, [random([2, 3, 3], 3)], { tolerance: 1e-6 });
  });
  for (const shape of [[3, 3], [5, 3], [3, 5], [2, 4, 2]])
    it(`svd ${shape.join('×')}`, () => {
      const x = random(shape, 2);
      check((t) => m.svd(t).s, [x], { tolerance: 1e-7 });
      check((t) => m.svd(t).u, [x], { tolerance: 1e-6 });
      check((t) => m.svd(t).vt, [x], { tolerance: 1e-6 });
      check((t) => { const { u, s, vt } = m.svd(t); return m.matmul(u.square().mul(s.expandDims(-2)), vt.square()); }, [x], { tolerance: 1e-6 });
    });
  it('einsum, pairwise distances', () => {
    check((a, b) => m.einsum('bij,bjk->ik', a, b), [random([2, 2, 3], 1), random([2, 3, 2], 2)]);
    check((a, w) => m.pairwiseSquaredDistance(a, undefined, { weights: w }), [random([4, 2], 1), random([2], 2, 0.5, 1)]);
    check((a, b) => m.pairwiseSquaredDistance(a, b), [random([4, 2], 1), random([3, 2], 2)]);
  });
});

it('size 0 passes through', () => {
  check((t) => t.square().sum(0), [m.zeros([0, 3])], { order: 1 });
  check((t) => m.cumprod(t.square(), 0), [m.zeros([0, 3])], { order: 1 });
  check((t) => t.prod(0), [m.zeros([0, 3])], { order: 1 });
  expect(m.zeros([0, 3]).size).toBe(0);
});
