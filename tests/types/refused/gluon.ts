// What must not compile, and what must beside it: blocks, losses, trainers, data.
import { Block, data, HybridBlock, loss, nn, RBF, Trainer, zeros } from 'matheron';
import type { F, ParamsOf, Tensor } from 'matheron';

const params = new nn.Dense(2).collectParams();
// @ts-expect-error wrong option name for adam
void new Trainer(params, 'adam', { momentum: 0.9 });
// @ts-expect-error unknown optimizer
void new Trainer(params, 'adamm');
void new Trainer(params, 'sgd', { momentum: 0.9, learningRate: (n) => 1 / n });

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
const loader = new data.DataLoader(new data.ArrayDataset([[1]], [2]), { batchSize: 2, workers: 2 });
for await (const [x, y] of loader) x.add(y);
class MyNet extends Block {
  readonly layers = [new nn.Dense(2), new nn.Dense(3)] as const;
  readonly body = new nn.Sequential(...this.layers);
  override forward(x: Tensor, s?: Tensor): Tensor { return s ? this.body.call(x).add(s) : this.body.call(x); }
}
new MyNet().call(zeros([1])).sum();
new MyNet().call(zeros([1]), zeros([1]));
new loss.L2Loss({ weight: 2 }).call(zeros([1]), zeros([1])).mean();
new nn.Sequential({ prefix: 'net_' }, new nn.Dense(1)).add(new MyNet());
