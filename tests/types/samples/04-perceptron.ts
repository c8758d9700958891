// A perceptron, a Trainer, batches
import { backward, data, loss, nn, record, Trainer } from 'matheron';

const net = new nn.Sequential(new nn.Dense(64, { activation: 'relu' }), new nn.Dropout(0.2), new nn.Dense(10));
net.initialize({ init: 'xavier' });
const trainer = new Trainer(net.collectParams(), 'adam', { learningRate: 1e-3, beta1: 0.8 });
const criterion = new loss.SoftmaxCrossEntropyLoss();
const batches = new data.DataLoader(new data.ArrayDataset([[0, 1], [1, 0]], [1, 0]), { batchSize: 32, shuffle: true });
for (const [input, label] of batches) {
  const l = record(() => criterion.call(net.call(input), label));
  backward(l);
  trainer.step(input.shape[0]!);
}
