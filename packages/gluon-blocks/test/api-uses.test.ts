import { cpu } from '@matheron/backend-cpu';
import { backward, record } from '@matheron/autograd';
import { type Tensor, relu, setDefaultContext, zeros, ones, tensor } from '@matheron/core-tensor';
import { expect, it } from 'vitest';
import { Block, type BlockOptions, type F, HybridBlock, type ParamsOf, nn } from '../src/index.ts';

setDefaultContext(cpu());

class Model extends Block {
  readonly dense0: nn.Dense;
  readonly dense1: nn.Dense;
  constructor(options?: BlockOptions) {
    super(options);
    using _ = this.nameScope();
    this.dense0 = new nn.Dense(20);
    this.dense1 = new nn.Dense(20, { params: this.dense0.collectParams() });
  }
  override forward(x: Tensor): Tensor {
    return relu(this.dense1.call(relu(this.dense0.call(x))));
  }
}
class Affine extends HybridBlock {
  readonly weight = this.params.get('weight', { shape: 0, allowDeferredInit: true });
  readonly shift = this.params.get('shift', { shape: 1, init: 'zeros' });
  override inferShape(x: Tensor): void {
    this.weight.shape = x.shape.slice(-1);
  }
  hybridForward(F: F, x: Tensor, { weight, shift }: ParamsOf<Affine>): Tensor {
    return F.add(F.mul(x, weight), shift);
  }
}
class Residual extends HybridBlock {
  readonly body = this.nameScope(() => new nn.Dense(8, { activation: 'tanh' }));
  override forward(x: Tensor, gain: Tensor): Tensor {
    return x.add(this.body.call(x).mul(gain));
  }
}

it('uses 5 and 6', () => {
  const gluon = new Model();
  gluon.initialize({ ctx: cpu(0) });
  const out: Tensor = gluon.call(zeros([10, 20], { ctx: cpu(0) }));
  const names = [];
  for (const [name, p] of gluon.collectParams('.*weight|.*bias')) {
    names.push(name);
    expect(p.grad().ctx).toBe(out.ctx);
  }
  expect(names).toEqual(['model0_dense0_weight', 'model0_dense0_bias']);
  const affine = new Affine();
  const residual = new Residual();
  affine.initialize();
  residual.initialize();
  const hook = residual.registerForwardHook((block, [x, gain], output) => names.push(block.body.name, x.shape, gain.item(), output.shape));
  expect(affine.call(zeros([2, 8])).add(residual.call(zeros([2, 8]), tensor(0.1))).shape).toEqual([2, 8]);
  hook.detach();
  expect(names.slice(2)).toEqual(['residual0_dense0', [2, 8], 0.1, [2, 8]]);
  const l = record(() => affine.call(ones([2, 8])).sum());
  backward(l);
  expect(affine.weight.grad().toArray()).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
});
