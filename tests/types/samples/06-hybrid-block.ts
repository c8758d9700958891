// A hybridized block: parameters by name, checked; Gluon 1 style, and plain forward
import { nn, tensor, zeros } from 'matheron';
import type { Tensor } from 'matheron';
import { HybridBlock, type F, type ParamsOf } from 'matheron';

class Affine extends HybridBlock {
  readonly weight = this.params.get('weight', { shape: 0, allowDeferredInit: true });
  readonly shift = this.params.get('shift', { shape: 1, init: 'zeros' });
  override inferShape(x: Tensor): void { this.weight.shape = x.shape.slice(-1); }
  hybridForward(F: F, x: Tensor, { weight, shift }: ParamsOf<Affine>): Tensor { return F.add(F.mul(x, weight), shift); }
}
class Residual extends HybridBlock {
  readonly body = this.nameScope(() => new nn.Dense(8, { activation: 'tanh' }));
  override forward(x: Tensor, gain: Tensor): Tensor { return x.add(this.body.call(x).mul(gain)); }
}
const affine = new Affine(), residual = new Residual();
affine.initialize(); residual.initialize(); residual.hybridize();
const hook = residual.registerForwardHook((block, [x, gain], output) => console.log(block.body.name, x.shape, gain.item(), output.shape));
console.log(affine.call(zeros([2, 8])).add(residual.call(zeros([2, 8]), tensor(0.1))).shape);
hook.detach();
