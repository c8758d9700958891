import { cpu } from '@matheron/backend-cpu';
import { IndexError, type Tensor, ones, setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { backward, record } from '@matheron/autograd';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { type Layer, loss, nn, rnn } from '../src/index.ts';

setDefaultContext(cpu());
const ran = (layer: Layer, x: Tensor): Tensor => {
  layer.initialize({ init: 'xavier' });
  return layer.call(x);
};
/** As plain JavaScript calls it. */
const untyped = (x: unknown): { call(...inputs: unknown[]): Tensor } => x as { call(...inputs: unknown[]): Tensor };

describe('sample weights', () => {
  const pred = tensor([[1, 2, 3], [3, 1, 0]]);
  // log Σ exp(pred) − pred of the class, by NumPy.
  const plain = [2.4076059644443806, 2.1698460195562856];
  const criterion = new loss.SoftmaxCrossEntropyLoss();
  it('are one number a sample, whatever the rank of the elementwise loss', () => {
    for (const weights of [[1, 0.5], [[1], [0.5]]]) {
      const found = criterion.call(pred, tensor([0, 1]), tensor(weights)).toArray<number[]>();
      expect(found[0]).toBeCloseTo(plain[0]!, 12);
      expect(found[1]).toBeCloseTo(plain[1]! / 2, 12);
    }
    const l2 = new loss.L2Loss();
    expect(l2.call(tensor([[1], [2]]), zeros([2, 1]), tensor([1, 0])).toArray()).toEqual([0.5, 0]);
    expect(l2.call(tensor([1, 2]), zeros([2]), tensor([[1], [0]])).toArray()).toEqual([0.5, 0]);
    expect(l2.call(ones([2, 3, 2]), zeros([2, 3, 2]), tensor([[1, 1, 1], [0, 0, 3]])).toArray()).toEqual([0.5, 0.5]);
    expect(l2.call(tensor([1, 2]), zeros([2]), tensor(2)).toArray()).toEqual([1, 4]);
    expect(new loss.L1Loss({ batchAxis: 1 }).call(ones([3, 2]), zeros([3, 2]), tensor([1, 4])).toArray()).toEqual([1, 4]);
  });
  it('that fit neither samples nor elements are errors', () => {
    expect(() => criterion.call(pred, tensor([0, 1]), tensor([1, 2, 3]))).toThrow(/sampleWeight.*one number a sample, \[2\]/);
    expect(() => new loss.L2Loss().call(tensor([1, 2]), zeros([2]), ones([2, 2]))).toThrow(ArgumentError);
    expect(() => new loss.L2Loss({ batchAxis: 3 }).call(tensor([1, 2]), zeros([2]))).toThrow(IndexError);
  });
});

describe('inputs that don\'t fit', () => {
  it('no tensor, or a label that is missing', () => {
    const dense = new nn.Dense(2, { inUnits: 2 });
    dense.initialize();
    for (const inputs of [[], [3], [[[1, 2]]]]) expect(() => untyped(dense).call(...inputs)).toThrow(/Dense.call.*at least one tensor/);
    for (const kind of [loss.L2Loss, loss.SoftmaxCrossEntropyLoss, loss.TripletLoss]) expect(() => untyped(new kind()).call(ones([2, 2]))).toThrow(ArgumentError);
    expect(() => untyped(new loss.CosineEmbeddingLoss()).call(ones([2, 2]), ones([2, 2]))).toThrow(/label/);
    expect(() => new nn.Sequential().add(Math.sqrt as unknown as Layer)).toThrow(/a block; wrap a function in nn.Lambda/);
  });
  it('convolutions: too small an input, other channels', () => {
    expect(() => ran(new nn.Conv2D(2, 5), ones([1, 1, 3, 3]))).toThrow(/shape \[1, 1, 3, 3\].*room for one position/);
    expect(() => ran(new nn.Conv1D(2, 3, { dilation: 2 }), ones([1, 1, 4]))).toThrow(ArgumentError);
    expect(ran(new nn.Conv1D(2, 3, { dilation: 2 }), ones([1, 1, 5])).shape).toEqual([1, 2, 1]);
    expect(() => ran(new nn.Conv1DTranspose(2, 2, { padding: 1 }), ones([1, 1, 1]))).toThrow(ArgumentError);
    for (const [layer, axis] of [[new nn.Conv2D(4, 3), 1], [new nn.Conv2D(4, 3, { layout: 'NHWC' }), 3], [new nn.Conv2DTranspose(4, 3), 1]] as const) {
      const shape = (channels: number): number[] => [1, 5, 5, 5].map((n, k) => (k === axis ? channels : n));
      ran(layer, ones(shape(2)));
      expect(() => layer.call(ones(shape(3)))).toThrow(/the 2 channels of its weight/);
    }
  });
  it('pools: too small an input, padding as wide as the window', () => {
    expect(() => new nn.MaxPool2D(5).call(ones([1, 1, 3, 3]))).toThrow(/room for one window/);
    expect(() => new nn.AvgPool1D(2, { padding: 2 })).toThrow(/less than the pool's size/);
    expect(new nn.MaxPool1D(5, { ceilMode: true }).call(ones([1, 1, 3])).toArray()).toEqual([[[1]]]);
  });
  it('ceilMode adds no window behind the input', () => {
    const x = tensor([1, 2, 3, 4, 5], { shape: [1, 1, 5] });
    // PyTorch: F.max_pool1d(x, 1, 3, ceil_mode=True), F.max_pool1d(x, 3, 3, 1, ceil_mode=True)
    expect(new nn.MaxPool1D(1, { strides: 3, ceilMode: true }).call(x).toArray()).toEqual([[[1, 4]]]);
    expect(new nn.MaxPool1D(3, { padding: 1, ceilMode: true }).call(x).toArray()).toEqual([[[2, 5]]]);
    expect(new nn.AvgPool1D(3, { padding: 1, ceilMode: true, countIncludePad: false }).call(x).toArray()).toEqual([[[1.5, 4]]]);
    expect(new nn.AvgPool1D(1, { strides: 3, ceilMode: true }).call(x).toArray()).toEqual([[[1, 4]]]);
  });
  it('a batch of no samples leaves running statistics alone', () => {
    for (const updateStatistics of ['forward', 'backward'] as const) {
      const layer = new nn.BatchNorm({ inChannels: 2, updateStatistics });
      layer.initialize();
      backward(record(() => layer.call(zeros([0, 2])).sum()));
      expect([layer.running_mean.data().toArray(), layer.running_var.data().toArray()]).toEqual([[0, 0], [1, 1]]);
    }
  });
  it('a selection that is no regular expression', () => {
    expect(() => new nn.Dense(1).collectParams('(')).toThrow(/select.*a regular expression/);
  });
  it('dropout along an axis that is not there', () => {
    expect(() => record(() => new nn.Dropout(0.5, { axes: [5] }).call(ones([4])))).toThrow(IndexError);
  });
  it('recurrent layers: no sequence, no step; lengths beyond the end', () => {
    expect(() => ran(new rnn.LSTM(3), zeros([4, 2]))).toThrow(/LSTM.call.*\[4, 2\].*TNC/);
    expect(() => ran(new rnn.GRU(3), zeros([0, 2, 5]))).toThrow(/at least one step/);
    const cell = new rnn.GRUCell(2);
    const both = new rnn.BidirectionalCell(cell, new rnn.GRUCell(2));
    both.initialize({ init: 'xavier' });
    const x = tensor([[[1], [2], [3]], [[-1], [0], [2]]]);
    const at = (lengths: number[]): unknown => cell.unroll(3, x, { validLength: lengths })[1][0]!.toArray();
    expect(at([3, 9])).toEqual(at([3, 3]));
    const whole = (lengths: number[]): unknown => both.unroll(3, x, { validLength: lengths, mergeOutputs: true })[0].toArray();
    expect(whole([2, 9])).toEqual(whole([2, 3]));
  });
});
