// An autoencoder squeezes the digits through two numbers and draws them again from these. Writes a picture to out/autoencoder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generator, HybridBlock, Trainer, backward, loss, nn, record, setSeed, tensor, wasm, withContext } from 'matheron';
import { loadDigits } from '../digits/data.mjs';
import { picture } from './picture.mjs';

const epochs = 60;
const batchSize = 64;

class Autoencoder extends HybridBlock {
  constructor() {
    super();
    this.encoder = new nn.HybridSequential(new nn.Dense(128, { activation: 'relu' }), new nn.Dense(64, { activation: 'relu' }), new nn.Dense(2));
    this.decoder = new nn.HybridSequential(new nn.Dense(64, { activation: 'relu' }), new nn.Dense(128, { activation: 'relu' }), new nn.Dense(64, { activation: 'sigmoid' }));
  }
  forward(x) {
    return this.decoder.call(this.encoder.call(x));
  }
}

withContext(wasm(0), () => {
  setSeed(5);
  const started = performance.now();
  const { train, test } = loadDigits();
  const [x, unseen] = [train, test].map(({ images }) => tensor(images, { shape: [-1, 64] }));

  const net = new Autoencoder();
  net.initialize({ init: 'xavier' });
  net.hybridize();
  const criterion = new loss.L2Loss();
  const count = train.digits.length;
  const steps = epochs * Math.floor(count / batchSize);
  const trainer = new Trainer(net.collectParams(), 'adam', { learningRate: (step) => 1.5e-3 * (1 + Math.cos((Math.PI * step) / steps)) });
  const rng = new Generator(6);
  const errorOf = (/** @type {import('matheron').Tensor} */ y) => net.call(y).sub(y).square().mean().item();
  // A picture that is the mean of all: what two numbers have to beat.
  const mean = x.mean(0);
  const plain = unseen.sub(mean).square().mean().item();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = rng.permutationArray(count);
    for (let k = 0; k + batchSize <= count; k += batchSize) {
      const batch = x.take(tensor(order.slice(k, k + batchSize)));
      backward(record(() => criterion.call(net.call(batch), batch)));
      trainer.step(batchSize);
    }
    if (epoch % 10 === 0) console.log(`epoch ${epoch}: squared error a pixel ${errorOf(unseen).toFixed(4)} (the mean picture: ${plain.toFixed(4)})`);
  }
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s on wasm(0)`);

  const codes = net.encoder.call(unseen).dataSync();
  const drawn = net.call(unseen).dataSync();
  const out = process.argv.indexOf('--out');
  const folder = out > 0 ? process.argv[out + 1] : join(import.meta.dirname, '..', '..', 'out', 'autoencoder');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'picture.svg'), picture(test, codes, drawn));
  console.log(`picture: ${join(folder, 'picture.svg')}`);
  if (!(errorOf(unseen) < 0.6 * plain)) process.exitCode = 1;
});
