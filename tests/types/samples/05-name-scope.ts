// Gluon's own example: a name scope, and weights shared through params
import { cpu, nn } from 'matheron';
import type { Tensor } from 'matheron';
import { Block, relu, zeros, type BlockOptions } from 'matheron';

class Model extends Block {
  readonly dense0: nn.Dense;
  readonly dense1: nn.Dense;
  constructor(options?: BlockOptions) {
    super(options);
    using _ = this.nameScope();
    this.dense0 = new nn.Dense(20);
    this.dense1 = new nn.Dense(20, { params: this.dense0.collectParams() });
  }
  override forward(x: Tensor): Tensor { return relu(this.dense1.call(relu(this.dense0.call(x)))); }
}
const gluon = new Model();
gluon.initialize({ ctx: cpu(0) });
const out: Tensor = gluon.call(zeros([10, 20], { ctx: cpu(0) }));
for (const [name, p] of gluon.collectParams('.*weight|.*bias')) console.log(name, p.shape, p.grad().ctx === out.ctx);
