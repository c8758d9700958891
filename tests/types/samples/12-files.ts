// Save, load, resume
import { GaussianProcessRegression } from 'matheron';
import type { data, loss, nn, Tensor, Trainer } from 'matheron';
import { setSeed, train } from 'matheron';

declare const net: nn.Sequential;
declare const trainer: Trainer;
declare const criterion: loss.SoftmaxCrossEntropyLoss;
declare const batches: data.DataLoader<[Tensor, Tensor]>;
declare const model: GaussianProcessRegression;
await net.saveParameters('net.safetensors');
await trainer.saveStates('net.states');
await net.loadParameters('net.safetensors', { castDtype: true });
await model.save('out/model');
const again: GaussianProcessRegression = await GaussianProcessRegression.load('out/model');
setSeed(7);
const run = await train(net, batches, { loss: criterion, optimizer: 'adam', epochs: 20, checkpoint: 'out/run', onProgress: (p) => console.log(p.epoch, p.loss) });
console.log(again.getParams(), run.stopped);
