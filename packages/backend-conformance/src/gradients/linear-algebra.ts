import { type Tensor, add, mul, run, run1, square, sum } from '@matheron/core-tensor';
import { type Row, any, at, call, outputs } from './row.ts';

const flat = (x: Tensor): Tensor => run1('reshape', [x], { shape: [x.size] });
const transposed = (x: Tensor): Tensor => run1('permute', [x], { axes: [...Array(x.ndim).keys()].map((k) => (k < x.ndim - 2 ? k : 2 * x.ndim - 3 - k)) });
const symmetric = (x: Tensor): Tensor => mul(add(x, transposed(x)), 0.5);
const lower = { lower: true, transpose: false, unitDiagonal: false, side: 'left' } as const;

const definite = at([3, 0.6, -0.4, 0.5, 2.5, 0.9, -0.3, 0.7, 2.1], [3, 3]);
const definites = at([3, 0.6, 0.5, 2.5, 1.7, -0.4, -0.2, 2.2], [2, 2, 2]);
const triangle = at([1.5, 0.3, -0.2, 0.7, 1.9, 0.4, -0.6, 0.5, 1.2], [3, 3]);
const distinct = at([1, 0.3, -0.2, 0.3, 3, 0.4, -0.2, 0.4, -2], [3, 3]);
const general = at([0.2, 2.1, -0.5, 1.7, 0.3, 0.8, -0.9, 0.4, 1.6], [3, 3]);
const tall = at([1.2, 0.3, -0.5, 2.1, 0.8, -0.4, 0.1, 1.3], [4, 2]);
const wide = at([1.2, 0.3, -0.5, 2.1, 0.8, -0.4, 0.1, 1.3], [2, 4]);
const batched = at([1.2, 0.3, -0.5, 2.1, 0.4, 1.1, 1.9, -0.2], [2, 2, 2]);
const deep = at([1.2, 0.3, -0.5, 2.1, 0.8, -0.4, 0.9, 1.3, 0.2, 1.5, -0.7, 0.6], [2, 3, 2]);

const sides = [true, false].flatMap((isLower) => [false, true].flatMap((transpose) => [false, true].flatMap((unitDiagonal) => (['left', 'right'] as const).map((side) => ({ lower: isLower, transpose, unitDiagonal, side })))));

/** Functions of factors that don't depend on the signs of columns. */
const eigenprojection = (x: Tensor): Tensor => {
  const [, v] = run('eigh', [symmetric(x)], {}) as [Tensor, Tensor];
  return flat(square(v));
};

export const matrixRows: Readonly<Record<'matmul' | 'cholesky' | 'triangularSolve' | 'choleskyInverse' | 'lu' | 'qr' | 'eigh' | 'svd', readonly Row[]>> = {
  matmul: [
    { name: 'matmul', f: call('matmul', {}), x: [any([2, 3], 50), any([3, 2], 51)] },
    { name: 'matmul, batched', f: call('matmul', {}), x: [any([2, 1, 3], 52), any([2, 3, 2], 53)] },
    { name: 'matmul of a tensor and its transpose', f: (x) => run1('matmul', [x, transposed(x)], {}), x: [any([2, 3], 54)] },
  ],
  cholesky: [
    { name: 'cholesky', f: (x) => run('cholesky', [symmetric(x)], {})[0]!, x: [definite] },
    { name: 'cholesky, batched', f: (x) => run('cholesky', [symmetric(x)], {})[0]!, x: [definites] },
    { name: 'cholesky, a solve through it', f: (x, b) => {
      const l = run('cholesky', [symmetric(x)], {})[0]!;
      return run1('triangularSolve', [l, run1('triangularSolve', [l, b], lower)], { ...lower, transpose: true });
    }, x: [definite, any([3, 2], 55)] },
  ],
  triangularSolve: [
    ...sides.map((o) => ({ name: `triangularSolve, ${o.lower ? 'lower' : 'upper'}${o.transpose ? ' transposed' : ''}${o.unitDiagonal ? ' unit' : ''} ${o.side}`, f: call('triangularSolve', o), x: [triangle, any(o.side === 'left' ? [3, 2] : [2, 3], 56)] })),
    { name: 'triangularSolve, batched', f: call('triangularSolve', lower), x: [definites, any([2, 2, 1], 57)] },
  ],
  choleskyInverse: [
    { name: 'choleskyInverse', f: call('choleskyInverse', {}), x: [triangle] },
    { name: 'choleskyInverse, batched', f: call('choleskyInverse', {}), x: [definites] },
  ],
  lu: [
    { name: 'lu', f: outputs('lu', {}, [0]), x: [general] },
    { name: 'lu, batched', f: outputs('lu', {}, [0]), x: [batched] },
  ],
  qr: [
    { name: 'qr, square', f: outputs('qr', { pivot: false }, [0, 1], square), x: [general] },
    { name: 'qr, tall', f: outputs('qr', { pivot: false }, [0, 1], square), x: [tall] },
    { name: 'qr, wide', f: outputs('qr', { pivot: false }, [0, 1], square), x: [wide] },
    { name: 'qr, tall, q alone', f: outputs('qr', { pivot: false }, [0], square), x: [tall] },
    { name: 'qr, wide, r alone', f: outputs('qr', { pivot: false }, [1], square), x: [wide] },
    { name: 'qr, batched', f: outputs('qr', { pivot: false }, [0, 1], square), x: [deep] },
    { name: 'qr, pivoted', f: outputs('qr', { pivot: true }, [0, 1], square), x: [tall] },
    { name: 'qr, pivoted, wide', f: outputs('qr', { pivot: true }, [0, 1], square), x: [wide] },
  ],
  eigh: [
    { name: 'eigh, values', f: (x) => run('eigh', [symmetric(x)], {})[0]!, x: [distinct] },
    { name: 'eigh, vectors', f: eigenprojection, x: [distinct] },
    { name: 'eigh, both, batched', f: (x) => {
      const [w, v] = run('eigh', [symmetric(x)], {}) as [Tensor, Tensor];
      return run1('concat', [w, sum(square(mul(v, 1.3)), 1), flat(square(v)).reshape(2, 4)], { axis: 1 });
    }, x: [definites] },
  ],
  svd: [
    { name: 'svd, values', f: outputs('svd', {}, [1]), x: [tall] },
    { name: 'svd, square', f: outputs('svd', {}, [0, 1, 2], square), x: [general] },
    { name: 'svd, tall', f: outputs('svd', {}, [0, 1, 2], square), x: [tall] },
    { name: 'svd, wide', f: outputs('svd', {}, [0, 1, 2], square), x: [wide] },
    { name: 'svd, batched', f: outputs('svd', {}, [0, 1, 2], square), x: [deep] },
  ],
};
