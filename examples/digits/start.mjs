// A small convolutional network learns the 8 x 8 handwritten digits that scikit-learn ships. Writes a picture to out/digits.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generator, Trainer, argmax, backward, loss, nn, record, setSeed, tensor, wasm, withContext } from 'matheron';
import { loadDigits } from './data.mjs';
import { picture } from './picture.mjs';

const epochs = 12;
const batchSize = 32;

withContext(wasm(0), () => {
  setSeed(1);
  const started = performance.now();
  const { train, test } = loadDigits();
  const images = (/** @type {Float64Array} */ values) => tensor(values, { shape: [-1, 1, 8, 8] });
  const [x, y] = [images(train.images), tensor(train.digits)];

  const net = new nn.HybridSequential(
    new nn.Conv2D(16, 3, { padding: 1, useBias: false }),
    new nn.BatchNorm(),
    new nn.Activation('relu'),
    new nn.MaxPool2D(2),
    new nn.Conv2D(32, 3, { padding: 1, useBias: false }),
    new nn.BatchNorm(),
    new nn.Activation('relu'),
    new nn.MaxPool2D(2),
    new nn.Dense(64, { activation: 'relu' }),
    new nn.Dropout(0.4),
    new nn.Dense(10),
  );
  net.initialize({ init: 'xavier' });
  net.hybridize();
  const criterion = new loss.SoftmaxCrossEntropyLoss();
  const steps = epochs * Math.floor(train.digits.length / batchSize);
  const trainer = new Trainer(net.collectParams(), 'adam', { learningRate: (step) => 1.5e-3 * (1 + Math.cos((Math.PI * step) / steps)) });
  const rng = new Generator(2);

  const history = [];
  const predict = () => argmax(net.call(images(test.images)), 1).dataSync();
  let predicted = new Int32Array();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = rng.permutationArray(train.digits.length);
    let total = 0;
    for (let k = 0; k + batchSize <= order.length; k += batchSize) {
      const rows = tensor(order.slice(k, k + batchSize));
      const l = record(() => criterion.call(net.call(x.take(rows)), y.take(rows)));
      backward(l);
      trainer.step(batchSize);
      total += l.mean().item();
    }
    predicted = /** @type {Int32Array} */ (predict());
    const accuracy = predicted.filter((p, k) => p === test.digits[k]).length / predicted.length;
    history.push({ epoch, loss: total / Math.floor(order.length / batchSize), accuracy });
    console.log(`epoch ${String(epoch).padStart(2)}: loss ${history.at(-1).loss.toFixed(4)}, test accuracy ${(100 * accuracy).toFixed(2)} %`);
  }
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s on ${net.collectParams().values().next().value.listCtx()[0]}`);

  const folder = join(import.meta.dirname, '..', '..', 'out', 'digits');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'picture.svg'), picture(history, test, predicted));
  console.log(`picture: ${join(folder, 'picture.svg')}`);
  if (!(history.at(-1).accuracy >= 0.97)) process.exitCode = 1;
});
