// Every layer, loss and recurrent block against differences, in inputs and parameters, forwards and backwards, to second order.
import { trainMode } from '@matheron/autograd';
import { checkGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { Generator, type Tensor, concat, setDefaultContext, tensor } from '@matheron/core-tensor';
import { type Block, loss, nn, rnn } from '@matheron/gluon-blocks';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

type Call = (...x: Tensor[]) => Tensor;
/** Checks `run` in `inputs` and in every parameter of `block` that is learned. `inputs` has no values near a kink. */
function check(block: Block, inputs: readonly Tensor[], run: Call = (...x) => (block.call as Call).call(block, ...x)): void {
  const rng = new Generator(7);
  block.initialize({ init: (shape) => rng.uniform(shape, { low: 0.3, high: 0.9 }) });
  trainMode(() => run(...inputs));
  const params = [...block.collectParams().values()].filter((p) => p.gradReq !== 'null');
  const cells = params.map((p) => p.copies[0]!.data);
  for (const cell of cells) cell.write(cell.read().add(rng.uniform(cell.peek().shape, { low: 0, high: 0.2 })));
  const start = cells.map((cell) => cell.peek());
  const f: Call = (...x) => {
    cells.forEach((cell, k) => cell.write(x[inputs.length + k]!));
    return trainMode(() => run(...x.slice(0, inputs.length)));
  };
  checkGradients(f, [...inputs, ...start]);
}
/** Distinct values, spread around 0 and never close to it or to one another. */
function values(shape: readonly number[], seed = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const order = new Generator(seed).permutationArray(size);
  return tensor(Float64Array.from(order, (k) => (k + 0.5 - size / 2) * (2.2 / Math.max(size, 4)) + (k + 0.5 > size / 2 ? 0.05 : -0.05)), { shape });
}

const layers: Readonly<Record<string, [() => Block, readonly number[]]>> = {
  Dense: [() => new nn.Dense(2, { activation: 'tanh' }), [2, 3]],
  'Dense without flatten': [() => new nn.Dense(2, { flatten: false, useBias: false }), [2, 2, 3]],
  Conv1D: [() => new nn.Conv1D(2, 2, { padding: 1, dilation: 2 }), [2, 2, 4]],
  Conv2D: [() => new nn.Conv2D(2, 2, { padding: 1, strides: 2, groups: 2 }), [1, 2, 3, 3]],
  'Conv2D NHWC': [() => new nn.Conv2D(2, 2, { layout: 'NHWC', activation: 'sigmoid' }), [1, 3, 3, 2]],
  Conv3D: [() => new nn.Conv3D(1, 2), [1, 2, 2, 2, 3]],
  Conv1DTranspose: [() => new nn.Conv1DTranspose(2, 2, { strides: 2, outputPadding: 1 }), [1, 2, 3]],
  Conv2DTranspose: [() => new nn.Conv2DTranspose(2, 2, { strides: 2, padding: 1, groups: 2 }), [1, 2, 2, 3]],
  Conv3DTranspose: [() => new nn.Conv3DTranspose(1, 2), [1, 1, 2, 1, 2]],
  MaxPool1D: [() => new nn.MaxPool1D(3, { strides: 2, padding: 1 }), [1, 2, 5]],
  MaxPool2D: [() => new nn.MaxPool2D(2, { strides: 1, ceilMode: true }), [1, 2, 3, 3]],
  MaxPool3D: [() => new nn.MaxPool3D(2), [1, 1, 2, 3, 4]],
  AvgPool1D: [() => new nn.AvgPool1D(3, { strides: 2, padding: 1, countIncludePad: false }), [1, 2, 5]],
  AvgPool2D: [() => new nn.AvgPool2D(2, { strides: 2, ceilMode: true, layout: 'NHWC' }), [1, 3, 3, 2]],
  AvgPool3D: [() => new nn.AvgPool3D(2), [1, 1, 2, 2, 4]],
  GlobalMaxPool1D: [() => new nn.GlobalMaxPool1D(), [2, 2, 3]],
  GlobalMaxPool2D: [() => new nn.GlobalMaxPool2D(), [1, 2, 2, 3]],
  GlobalMaxPool3D: [() => new nn.GlobalMaxPool3D(), [1, 2, 2, 1, 3]],
  GlobalAvgPool1D: [() => new nn.GlobalAvgPool1D(), [2, 2, 3]],
  GlobalAvgPool2D: [() => new nn.GlobalAvgPool2D({ layout: 'NHWC' }), [1, 2, 3, 2]],
  GlobalAvgPool3D: [() => new nn.GlobalAvgPool3D(), [1, 2, 2, 1, 2]],
  ReflectionPad2D: [() => new nn.ReflectionPad2D([0, 0, 0, 0, 1, 2, 0, 1]), [1, 1, 3, 2]],
  BatchNorm: [() => new nn.BatchNorm(), [3, 2, 2]],
  'BatchNorm without scale': [() => new nn.BatchNorm({ scale: false, axis: -1 }), [3, 2]],
  'BatchNorm, global': [() => new nn.BatchNorm({ useGlobalStats: true }), [3, 2]],
  BatchNormReLU: [() => new nn.BatchNormReLU(), [3, 2]],
  SyncBatchNorm: [() => new nn.SyncBatchNorm(), [3, 2]],
  LayerNorm: [() => new nn.LayerNorm(), [2, 4]],
  InstanceNorm: [() => new nn.InstanceNorm({ scale: true }), [2, 2, 4]],
  GroupNorm: [() => new nn.GroupNorm({ numGroups: 2 }), [2, 4, 2]],
  Dropout: [() => new nn.Dropout(0.4, { rng: fixedMask() as never }), [2, 3]],
  relu: [() => new nn.Activation('relu'), [2, 3]],
  sigmoid: [() => new nn.Activation('sigmoid'), [2, 3]],
  tanh: [() => new nn.Activation('tanh'), [2, 3]],
  softrelu: [() => new nn.Activation('softrelu'), [2, 3]],
  softsign: [() => new nn.Activation('softsign'), [2, 3]],
  LeakyReLU: [() => new nn.LeakyReLU(0.2), [2, 3]],
  PReLU: [() => new nn.PReLU(), [2, 3]],
  'PReLU by channel': [() => new nn.PReLU({ inChannels: 3 }), [2, 3, 2]],
  ELU: [() => new nn.ELU(0.7), [2, 3]],
  SELU: [() => new nn.SELU(), [2, 3]],
  GELU: [() => new nn.GELU(), [2, 3]],
  Swish: [() => new nn.Swish(1.5), [2, 3]],
  Flatten: [() => new nn.Flatten(), [2, 3, 2]],
  Identity: [() => new nn.Identity(), [2, 3]],
  Lambda: [() => new nn.Lambda('exp'), [2, 3]],
  HybridLambda: [() => new nn.HybridLambda((F, x) => F.sin(x)), [2, 3]],
  Concurrent: [() => new nn.Concurrent({}, new nn.Identity(), new nn.Activation('tanh')), [2, 3]],
  HybridConcurrent: [() => new nn.HybridConcurrent({ axis: 1 }, new nn.Identity(), new nn.Dense(2)), [2, 3]],
  PixelShuffle1D: [() => new nn.PixelShuffle1D(2), [1, 4, 3]],
  PixelShuffle2D: [() => new nn.PixelShuffle2D([2, 1]), [1, 4, 2, 3]],
  PixelShuffle3D: [() => new nn.PixelShuffle3D([1, 2, 1]), [1, 2, 2, 1, 2]],
  Sequential: [() => new nn.Sequential(new nn.Dense(3, { activation: 'tanh' }), new nn.LayerNorm(), new nn.Dense(1)), [2, 2]],
};
/** A source of the same numbers at every call: differences need one function. */
function fixedMask(): { uniform(shape: readonly number[]): Tensor } {
  return { uniform: (shape) => new Generator(3).uniform(shape) };
}

describe('layers', () => {
  it('are all here', () => {
    const blocks = Object.keys(nn).filter((name) => /^[A-Z]/.test(name));
    const covered = new Set(Object.values(layers).map(([make]) => make().constructor.name));
    const elsewhere = ['Embedding', 'SparseEmbedding', 'HybridSequential'];
    expect(blocks.filter((name) => !covered.has(name) && !elsewhere.includes(name))).toEqual([]);
  });
  for (const [name, [make, shape]] of Object.entries(layers)) it(name, () => check(make(), [values(shape)]));
  it('Embedding', () => {
    const embedding = new nn.Embedding(3, 2);
    check(embedding, [], () => embedding.call(tensor([[0, 2], [2, 1]])));
  });
});

const label = values([2, 3], 5);
const classes = tensor([2, 0]);
const signs = tensor([[1, -1, 1], [-1, 1, 1]]);
const probabilities = tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]);
const weights = tensor([[0.5], [2]]);
const losses: Readonly<Record<string, [() => Block, Tensor, ...(Tensor | undefined)[]]>> = {
  L2Loss: [() => new loss.L2Loss({ weight: 3 }), values([2, 3]), label, weights],
  L1Loss: [() => new loss.L1Loss(), values([2, 3]), label],
  HuberLoss: [() => new loss.HuberLoss({ rho: 0.8 }), values([2, 3]), label],
  SigmoidBinaryCrossEntropyLoss: [() => new loss.SigmoidBCELoss(), values([2, 3]), probabilities, weights],
  'SigmoidBinaryCrossEntropyLoss with posWeight': [() => new loss.SigmoidBCELoss(), values([2, 3]), probabilities, undefined, tensor([0.5, 2, 3])],
  'SigmoidBinaryCrossEntropyLoss of probabilities': [() => new loss.SigmoidBCELoss({ fromSigmoid: true }), values([2, 3]).mul(0.3).add(0.5), probabilities],
  SoftmaxCrossEntropyLoss: [() => new loss.SoftmaxCELoss(), values([2, 3]), classes, weights],
  'SoftmaxCrossEntropyLoss of distributions': [() => new loss.SoftmaxCELoss({ sparseLabel: false }), values([2, 3]), probabilities],
  'SoftmaxCrossEntropyLoss along axis 1': [() => new loss.SoftmaxCELoss({ axis: 1 }), values([1, 3, 2]), tensor([[2, 0]])],
  KLDivLoss: [() => new loss.KLDivLoss({ fromLogits: false }), values([2, 3]), probabilities],
  CTCLoss: [() => new loss.CTCLoss(), values([2, 4, 3]), tensor([[1, 0], [1, -1]])],
  HingeLoss: [() => new loss.HingeLoss(), values([2, 3]), signs],
  SquaredHingeLoss: [() => new loss.SquaredHingeLoss({ margin: 2 }), values([2, 3]), signs],
  LogisticLoss: [() => new loss.LogisticLoss(), values([2, 3]), signs],
  PoissonNLLLoss: [() => new loss.PoissonNLLLoss(), values([2, 3]), tensor([[2, 1, 0], [1, 3, 2]])],
  'PoissonNLLLoss of rates': [() => new loss.PoissonNLLLoss({ fromLogits: false, computeFull: true }), values([2, 3]).add(2), tensor([[2, 1, 0], [1, 3, 2]])],
};
describe('losses', () => {
  it('are all here', () => {
    const covered = new Set([...Object.values(losses).map(([make]) => make().constructor.name), 'TripletLoss', 'CosineEmbeddingLoss', 'SDMLLoss', 'Loss']);
    expect(Object.values(loss).filter((made) => typeof made === 'function' && !covered.has(made.name))).toEqual([]);
  });
  for (const [name, [make, pred, ...rest]] of Object.entries(losses)) {
    it(name, () => {
      const block = make();
      check(block, [pred], (x) => (block.call as (...x: unknown[]) => Tensor).call(block, x, ...rest));
    });
  }
  it('TripletLoss', () => check(new loss.TripletLoss({ margin: 3 }), [values([2, 3]), values([2, 3], 2), values([2, 3], 3)]));
  it('CosineEmbeddingLoss', () => {
    const block = new loss.CosineEmbeddingLoss({ margin: -0.9 });
    check(block, [values([2, 3]), values([2, 3], 2)], (a, b) => (block.call as Call).call(block, a, b, tensor([1, -1])));
  });
  it('SDMLLoss', () => check(new loss.SDMLLoss(), [values([2, 3]), values([2, 3], 2)]));
});

const whole = ([y, states]: [Tensor, Tensor[]]): Tensor => concat([y, ...states].map((s) => s.reshape(-1)));
const cells: Readonly<Record<string, () => rnn.RecurrentCell>> = {
  RNNCell: () => new rnn.RNNCell(2, { activation: 'softsign' }),
  LSTMCell: () => new rnn.LSTMCell(2),
  GRUCell: () => new rnn.GRUCell(2),
  LSTMPCell: () => new rnn.LSTMPCell(3, 2),
  BidirectionalCell: () => new rnn.BidirectionalCell(new rnn.GRUCell(1), new rnn.RNNCell(1)),
  ResidualCell: () => new rnn.ResidualCell(new rnn.RNNCell(2)),
  SequentialRNNCell: () => new rnn.SequentialRNNCell().add(new rnn.RNNCell(2), new rnn.DropoutCell(0), new rnn.GRUCell(1)),
  ZoneoutCell: () => new rnn.ZoneoutCell(new rnn.RNNCell(2), { zoneoutOutputs: 0.3, zoneoutStates: 0.5, rng: fixedMask() as never }),
  VariationalDropoutCell: () => new rnn.VariationalDropoutCell(new rnn.RNNCell(2), { dropInputs: 0.5, dropStates: 0.5, dropOutputs: 0.3, rng: fixedMask() as never }),
};
describe('recurrent blocks', () => {
  for (const [name, make] of Object.entries(cells)) {
    it(name, () => {
      const cell = make();
      check(cell, [values([2, 2, 2])], (x) => whole(cell.unroll(2, x, { mergeOutputs: true, ...(name === 'BidirectionalCell' && { validLength: tensor([2, 1]) }) })));
    });
  }
  it('Conv2DGRUCell', () => {
    const cell = new rnn.Conv2DGRUCell([1, 2, 3], 1, [1, 2], [1, 3]);
    check(cell, [values([1, 2, 1, 2, 3])], (x) => whole(cell.unroll(2, x, { mergeOutputs: true })));
  });
  const several: Readonly<Record<string, () => rnn.RNN | rnn.LSTM | rnn.GRU>> = {
    RNN: () => new rnn.RNN(2, { activation: 'tanh', layout: 'NTC' }),
    LSTM: () => new rnn.LSTM(1, { bidirectional: true, numLayers: 2 }),
    'LSTM, projected': () => new rnn.LSTM(2, { projectionSize: 1 }),
    GRU: () => new rnn.GRU(2),
  };
  for (const [name, make] of Object.entries(several)) {
    it(name, () => {
      const layer = make();
      check(layer, [values([2, 2, 2])], (x) => whole(layer.unroll(x, undefined, { sequenceLength: tensor([2, 1]) })));
    });
  }
});

describe('float32', () => {
  const same = (make: () => Block, inputs: readonly (Tensor | undefined)[], run: (block: Block, x: readonly (Tensor | undefined)[]) => Tensor): void => {
    const [block, single] = [make(), make()];
    const init = (shape: readonly number[]): Tensor => new Generator(9).uniform(shape, { low: 0.3, high: 0.9 });
    block.initialize({ init });
    single.cast('float32');
    single.initialize({ init });
    const y = trainMode(() => run(block, inputs));
    const z = trainMode(() => run(single, inputs.map((x) => (x && (x.dtype === 'float64') ? x.astype('float32') : x))));
    expect(z.dtype).toBe('float32');
    expect(z.astype('float64').sub(y).abs().max().item()).toBeLessThan(1e-4 * Math.max(1, y.abs().max().item()));
  };
  const call = (block: Block, x: readonly (Tensor | undefined)[]): Tensor => (block.call as (...x: unknown[]) => Tensor).call(block, ...x);
  for (const [name, [make, shape]] of Object.entries(layers)) if (name !== 'Dropout') it(name, () => same(make, [values(shape)], call));
  for (const [name, [make, ...inputs]] of Object.entries(losses)) it(name, () => same(make, inputs, call));
  it('recurrent blocks', () => {
    for (const make of [() => new rnn.LSTM(2, { bidirectional: true }), () => new rnn.GRU(2), () => new rnn.RNN(2)]) same(make, [values([3, 2, 2])], (block, [x]) => whole((block as rnn.GRU).unroll(x!)));
    same(() => new rnn.LSTMCell(2), [values([2, 3, 2])], (block, [x]) => whole((block as rnn.LSTMCell).unroll(3, x!, { mergeOutputs: true })));
  });
});
