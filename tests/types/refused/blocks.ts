// What must not compile, and what must beside it: blocks.
import { Block, HybridBlock, nn, RBF, zeros } from 'matheron';
import type { F, ParamsOf, Tensor } from 'matheron';

export class Misnamed extends HybridBlock {
  readonly weight = this.params.get('weight');
  // @ts-expect-error no parameter of that name
  hybridForward(F: F, x: Tensor, { wieght }: ParamsOf<Misnamed>): Tensor { return F.add(x, wieght); }
}
class Pair extends HybridBlock {
  readonly weight = this.params.get('weight');
  hybridForward(F: F, x: Tensor, y: Tensor, { weight }: ParamsOf<Pair>): [Tensor, Tensor] { return [F.mul(x, weight), y]; }
}
// @ts-expect-error one input too few
new Pair().call(zeros([1]));
const [p, q] = new Pair().call(zeros([1]), zeros([1]));
p.add(q);
// @ts-expect-error a number is no tensor for a block
new nn.Dense(3).call(3);

const blocks: Block[] = [new nn.Dense(1), new RBF(), new Pair(), new nn.Sequential()];
blocks[0]!.apply((b) => b.initialize());
class MyNet extends Block {
  readonly layers = [new nn.Dense(2), new nn.Dense(3)] as const;
  readonly body = new nn.Sequential(...this.layers);
  override forward(x: Tensor, s?: Tensor): Tensor { return s ? this.body.call(x).add(s) : this.body.call(x); }
}
new MyNet().call(zeros([1])).sum();
new MyNet().call(zeros([1]), zeros([1]));
new nn.Sequential({ prefix: 'net_' }, new nn.Dense(1)).add(new MyNet());
