// What must not compile, and what must beside it: trainers, losses, data.
import { data, loss, nn, Trainer, zeros } from 'matheron';

const params = new nn.Dense(2).collectParams();
// @ts-expect-error wrong option name for adam
void new Trainer(params, 'adam', { momentum: 0.9 });
// @ts-expect-error unknown optimizer
void new Trainer(params, 'adamm');
void new Trainer(params, 'sgd', { momentum: 0.9, learningRate: (n) => 1 / n });

const loader = new data.DataLoader(new data.ArrayDataset([[1]], [2]), { batchSize: 2, workers: 2 });
for await (const [x, y] of loader) x.add(y);
new loss.L2Loss({ weight: 2 }).call(zeros([1]), zeros([1])).mean();
