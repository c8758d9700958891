// A small convolutional network learns the 8 x 8 handwritten digits that scikit-learn ships. Writes a picture to out/digits.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generator, argmax, data, loss, metric, nn, optimizer, setSeed, tensor, train, wasm, setDefaultContext } from 'matheron';
import { loadDigits } from './data.mjs';
import { picture } from './picture.mjs';

const epochs = 12;
const batchSize = 32;

setDefaultContext(wasm(0));
setSeed(1);
const digits = loadDigits();
const images = (/** @type {Float64Array} */ values) => tensor(values, { shape: [-1, 1, 8, 8] });
const batches = new data.DataLoader(new data.ArrayDataset(images(digits.train.images), tensor(digits.train.digits)), { batchSize, shuffle: true, lastBatch: 'discard', rng: new Generator(2) });
const unseen = images(digits.test.images);

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

/** @type {{ epoch: number, loss: number, accuracy: number }[]} */
const history = [];
let predicted = new Int32Array();
const steps = epochs * batches.length;
await train(net, batches, {
  loss: new loss.SoftmaxCrossEntropyLoss(),
  optimizer: new optimizer.Adam({ learningRate: (step) => 1.5e-3 * (1 + Math.cos((Math.PI * step) / steps)) }),
  metrics: [new metric.Accuracy()],
  epochs,
  onProgress({ epoch, batch, loss: value, metrics, elapsedSeconds }) {
    if (batch < batches.length) return;
    predicted = /** @type {Int32Array} */ (argmax(net.call(unseen), 1).dataSync());
    const accuracy = predicted.filter((p, k) => p === digits.test.digits[k]).length / predicted.length;
    history.push({ epoch: epoch + 1, loss: value, accuracy });
    console.log(`epoch ${String(epoch + 1).padStart(2)}: loss ${value.toFixed(4)}, accuracy ${(100 * metrics.accuracy).toFixed(2)} % in training, ${(100 * accuracy).toFixed(2)} % on test images, ${elapsedSeconds.toFixed(1)} s`);
  },
});

const out = process.argv.indexOf('--out');
const folder = out > 0 ? process.argv[out + 1] : join(import.meta.dirname, '..', '..', 'out', 'digits');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'picture.svg'), picture(history, digits.test, predicted));
console.log(`picture: ${join(folder, 'picture.svg')}`);
if (!(history.at(-1).accuracy >= 0.97)) process.exitCode = 1;
