// A custom kernel is a block: its formula and its hyperparameters
import { Kernel, Matern52, Periodic, RBF, WhiteKernel, pairwiseSquaredDistance, parseKernel } from 'matheron';
import type { Tensor } from 'matheron';

class Cosine extends Kernel {
  readonly period = this.hyperparameter('period', { init: 1, bounds: [1e-2, 1e2] });
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return pairwiseSquaredDistance(X1, X2).sqrt().mul(2 * Math.PI).div(this.period.value()).cos();
  }
}
const kernel = new Matern52({ ard: true, lengthscale: { init: 0.5, bounds: [1e-3, 1e3] } }).scale().add(new Cosine().mul(new RBF())).add(new WhiteKernel());
kernel.collectParams('.*period').setattr('gradReq', 'null'); // freeze it
const [K, same] = [kernel.matrix([[0, 1], [2, 3]]), parseKernel('scale(rbf) * periodic(period=1) + white')];
console.log(K.shape, new Periodic({ period: 12 }).getParams(), same.toString());
