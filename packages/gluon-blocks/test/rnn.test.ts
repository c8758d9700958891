import { record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, concat, setDefaultContext, stack, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError, GluonError, NotImplementedError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { type Block, NameManager, rnn, withNames } from '../src/index.ts';

setDefaultContext(cpu());
const iota = (...shape: number[]): Tensor => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (((i * 7) % 11) - 5) / 5), { shape });
function made<B extends Block>(block: B): B {
  block.initialize({ init: (shape) => iota(...shape) });
  return block;
}
function close(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-12);
}
const step = (cell: rnn.RecurrentCell, x: Tensor, states: readonly Tensor[]): [Tensor, Tensor[]] => cell.forward(x, states);

describe('4.12 cells', () => {
  const x = iota(2, 3, 4);
  it('unroll is step after step, in either layout, merged or a list', () => {
    for (const make of [() => new rnn.RNNCell(3), () => new rnn.LSTMCell(3), () => new rnn.GRUCell(3), () => new rnn.LSTMPCell(3, 2)]) {
      const cell = made(make());
      const [outputs, states] = cell.unroll(3, x, { mergeOutputs: true });
      let own = cell.beginState(2);
      const steps: Tensor[] = [];
      for (let t = 0; t < 3; t++) {
        const [y, next] = step(cell, x.slice([], t), own);
        steps.push(y);
        own = next;
      }
      close(outputs, stack(steps, 1));
      states.forEach((s, k) => close(s, own[k]!));
      close(cell.unroll(3, x.transpose(1, 0, 2), { layout: 'TNC', mergeOutputs: true })[0].transpose(1, 0, 2), outputs);
      close(stack(cell.unroll(3, [0, 1, 2].map((t) => x.slice([], t)))[0], 1), outputs);
      expect(() => cell.unroll(4, x)).toThrow();
    }
  });
  it('valid lengths: outputs after the end are 0, states those at the end', () => {
    for (const cell of [made(new rnn.LSTMCell(3)), made(new rnn.GRUCell(3))]) {
      const [outputs, states] = cell.unroll(3, x, { mergeOutputs: true, validLength: [1, 3] });
      const [all, last] = cell.unroll(3, x, { mergeOutputs: true });
      const [, first] = cell.unroll(1, x.slice([], [0, 1]), { mergeOutputs: true });
      close(outputs.slice(0, [0, 1]), all.slice(0, [0, 1]));
      close(outputs.slice(0, [1]), zeros([2, 3]));
      close(outputs.slice(1), all.slice(1));
      states.forEach((s, k) => {
        close(s.slice(0), first[k]!.slice(0));
        close(s.slice(1), last[k]!.slice(1));
      });
    }
  });
  it('states: their shapes, a function that makes them', () => {
    const cell = new rnn.LSTMCell(3);
    expect(cell.stateInfo(2).map(({ shape }) => shape)).toEqual([[2, 3], [2, 3]]);
    expect(cell.beginState(2, { func: (shape) => iota(...shape) })[1]!.toArray()).toEqual(iota(2, 3).toArray());
    expect(new rnn.LSTMPCell(3, 2).stateInfo(1).map(({ shape }) => shape)).toEqual([[1, 2], [1, 3]]);
  });
  it('a sequence of cells passes outputs up and keeps states in one list', () => {
    const stackOf = new rnn.SequentialRNNCell();
    stackOf.add(new rnn.LSTMCell(3), new rnn.DropoutCell(0.5), new rnn.GRUCell(2));
    made(stackOf);
    expect([stackOf.length, stackOf.stateInfo(1).length, stackOf.at(-1)]).toEqual([3, 3, stackOf.at(2)]);
    const [y, states] = stackOf.unroll(3, x, { mergeOutputs: true });
    const [inner, lower] = stackOf.at(0).unroll(3, x, { mergeOutputs: true });
    const [outer, upper] = stackOf.at(2).unroll(3, inner, { mergeOutputs: true });
    close(y, outer);
    [...lower, ...upper].forEach((s, k) => close(states[k]!, s));
    const [one, next] = step(stackOf, x.slice([], 0), stackOf.beginState(2));
    close(one, y.slice([], 0));
    expect(next.length).toBe(3);
  });
  it('a bidirectional cell runs one of them backwards, over the valid part; it has no step', () => {
    const both = made(new rnn.BidirectionalCell(new rnn.LSTMCell(3), new rnn.GRUCell(2)));
    const [y, states] = both.unroll(3, x, { mergeOutputs: true });
    const [left] = both.l_cell.unroll(3, x, { mergeOutputs: true });
    const flipped = [2, 1, 0].map((t) => x.slice([], t));
    const [right] = both.r_cell.unroll(3, flipped);
    close(y, concat([left, stack(right.toReversed(), 1)], 2));
    expect(states.length).toBe(3);
    const [masked] = both.unroll(3, x, { mergeOutputs: true, validLength: [2, 3] });
    const [short] = both.unroll(2, x.slice([], [0, 2]), { mergeOutputs: true });
    close(masked.slice(0, [0, 2]), short.slice(0));
    close(masked.slice(0, 2), zeros([5]));
    close(masked.slice(1), y.slice(1));
    expect(() => step(both, x.slice([], 0), both.beginState(2))).toThrow(NotImplementedError);
  });
});

describe('4.12 modifiers', () => {
  const x = iota(2, 3, 3);
  it('Residual adds the input, also around a bidirectional cell and with lengths', () => {
    const inner = new rnn.GRUCell(3);
    const cell = made(new rnn.ResidualCell(inner));
    close(cell.unroll(3, x, { mergeOutputs: true })[0], inner.unroll(3, x, { mergeOutputs: true })[0].add(x));
    const [masked] = cell.unroll(3, x, { mergeOutputs: true, validLength: [1, 3] });
    close(masked.slice(0, [1]), zeros([2, 3]));
    const wide = made(new rnn.ResidualCell(new rnn.BidirectionalCell(new rnn.RNNCell(1), new rnn.RNNCell(2))));
    expect(wide.unroll(3, x, { mergeOutputs: true })[0].shape).toEqual([2, 3, 3]);
  });
  it('Zoneout keeps old values in training only', () => {
    const inner = new rnn.RNNCell(3);
    const cell = made(new rnn.ZoneoutCell(inner, { zoneoutOutputs: 0.5, zoneoutStates: 0.5 }));
    close(cell.unroll(3, x, { mergeOutputs: true })[0], inner.unroll(3, x, { mergeOutputs: true })[0]);
    const [y] = record(() => cell.unroll(3, x, { mergeOutputs: true }));
    const values = y.toArray<number[][][]>();
    const kept = values.flatMap((steps) => steps.slice(1).flatMap((row, t) => row.filter((v, k) => v === steps[t]![k])));
    expect(kept.length).toBeGreaterThan(0);
    expect(() => new rnn.ZoneoutCell(new rnn.BidirectionalCell(new rnn.RNNCell(1), new rnn.RNNCell(1)))).toThrow(ArgumentError);
  });
  it('VariationalDropout uses one mask for all steps', () => {
    const inner = new rnn.RNNCell(3);
    const cell = made(new rnn.VariationalDropoutCell(inner, { dropOutputs: 0.5 }));
    close(cell.unroll(3, x, { mergeOutputs: true })[0], inner.unroll(3, x, { mergeOutputs: true })[0]);
    const y = record(() => cell.unroll(3, x, { mergeOutputs: true })[0]).toArray<number[][][]>();
    y.forEach((steps) => [0, 1, 2].forEach((k) => expect(new Set(steps.map((row) => row[k] === 0)).size).toBe(1)));
  });
  it('a modified cell is used through its modifier, and takes one only (AE)', () => {
    const inner = new rnn.GRUCell(3);
    const cell = new rnn.ResidualCell(inner);
    expect(() => inner.beginState(1)).toThrow(GluonError);
    expect(cell.beginState(1)[0]!.shape).toEqual([1, 3]);
    expect(() => new rnn.ZoneoutCell(inner)).toThrow(ArgumentError);
    expect(() => new rnn.DropoutCell(1)).toThrow(ArgumentError);
  });
});

describe('4.12 layers', () => {
  const x = iota(4, 2, 3);
  it('equal the cells, layer by layer and direction by direction', () => {
    const layer = made(new rnn.LSTM(2, { numLayers: 2, bidirectional: true }));
    const stackOf = new rnn.SequentialRNNCell();
    stackOf.add(new rnn.BidirectionalCell(new rnn.LSTMCell(2), new rnn.LSTMCell(2)), new rnn.BidirectionalCell(new rnn.LSTMCell(2), new rnn.LSTMCell(2)));
    layer.call(x);
    const names = layer.structuralParams();
    expect([...names.keys()].slice(0, 2)).toEqual(['_unfused.0.l_cell.i2h_weight', '_unfused.0.l_cell.h2h_weight']);
    for (const [name, parameter] of stackOf.structuralParams()) parameter.loadData(names.get(`_unfused.${name}`)!.data());
    const [expected, states] = stackOf.unroll(4, x, { layout: 'TNC', mergeOutputs: true });
    close(layer.call(x), expected);
    const [y, finals] = layer.unroll(x, layer.beginState(2));
    close(y, expected);
    // States of the layer are stacked by layer and direction; of the cells h, c, h, c, …
    finals.forEach((s, kind) => [0, 1, 2, 3].forEach((k) => close(s.slice(k), states[2 * k + kind]!)));
  });
  it('take NTC, lengths, projections; inputs and states are checked', () => {
    for (const make of [(o: rnn.LayerOptions) => new rnn.RNN(2, o), (o: rnn.LayerOptions) => new rnn.GRU(2, o), (o: rnn.LayerOptions) => new rnn.LSTM(3, { ...o, projectionSize: 2 })]) {
      const layer = made(make({ layout: 'NTC' }));
      const y = layer.call(x.transpose(1, 0, 2));
      expect(y.shape).toEqual([2, 4, 2]);
      const [short] = layer.unroll(x.transpose(1, 0, 2), undefined, { sequenceLength: [2, 4] });
      close(short.slice(0, [0, 2]), y.slice(0, [0, 2]));
      close(short.slice(0, [2]), zeros([2, 2]));
      expect(() => layer.unroll(x.transpose(1, 0, 2), [zeros([1, 3, 2])])).toThrow(ArgumentError);
    }
    expect(() => new rnn.GRU(0)).toThrow(ArgumentError);
    expect(() => new rnn.GRU(1, { layout: 'TCN' as 'TNC' })).toThrow(ArgumentError);
    expect(() => new rnn.RNN(1, { activation: 'sigmoid' as 'tanh' })).toThrow(ArgumentError);
  });
  it('clip the memory of an LSTM', () => {
    const layer = made(new rnn.LSTM(2, { stateClipMin: -0.01, stateClipMax: 0.01 }));
    const [, [, c]] = layer.unroll(x, layer.beginState(2));
    expect(c!.abs().max().item()).toBeLessThanOrEqual(0.01);
  });
  it('names: kinds, parameters, files; the printed form', () => {
    withNames(new NameManager(), () => {
      const layer = new rnn.GRU(4, { inputSize: 3, numLayers: 2, dropout: 0.2 });
      expect([layer.prefix, [...layer.params.keys()][0], `${layer}`]).toEqual(['gru0_', 'gru0_l0_i2h_weight', 'GRU(3 -> 4, TNC, num_layers=2, dropout=0.2)']);
      expect([...layer.structuralParams().keys()].slice(4, 5)).toEqual(['_unfused.1.i2h_weight']);
      expect([new rnn.GRUCell(1).prefix, new rnn.RNNCell(1).prefix, new rnn.LSTMCell(1).prefix, new rnn.DropoutCell(0).prefix]).toEqual(['gru1_', 'rnn0_', 'lstm0_', 'dropout0_']);
    });
  });
  it('compiled, they give the same, whatever the length', () => {
    const layer = made(new rnn.LSTM(2, { bidirectional: true }));
    const [short, long] = [x.slice([0, 2]), x];
    const expected = [layer.call(short), layer.call(long)];
    layer.hybridize();
    [short, long].forEach((sequence, k) => close(layer.call(sequence), expected[k]!));
  });
});

describe('convolutional cells', () => {
  const kinds = {
    RNN: [rnn.RNNCell, [rnn.Conv1DRNNCell, rnn.Conv2DRNNCell, rnn.Conv3DRNNCell]],
    LSTM: [rnn.LSTMCell, [rnn.Conv1DLSTMCell, rnn.Conv2DLSTMCell, rnn.Conv3DLSTMCell]],
    GRU: [rnn.GRUCell, [rnn.Conv1DGRUCell, rnn.Conv2DGRUCell, rnn.Conv3DGRUCell]],
  } as const;
  for (const [kind, [Plain, classes]] of Object.entries(kinds)) {
    classes.forEach((Conv, k) => {
      it(`Conv${k + 1}D${kind}Cell with kernels of 1 is a ${kind}Cell at every place`, () => {
        const sizes = [2, 3, 1].slice(0, k + 1);
        const cell = made(new Conv([2, ...sizes], 3, 1, 1));
        const plain = made(new Plain(3, { inputSize: 2 }));
        for (const [key, parameter] of plain.ownParams()) parameter.setData(cell.params.at(cell.prefix + key).data().reshape(...parameter.shape!));
        const x = iota(2, 4, 2, ...sizes);
        const places = sizes.reduce((a, b) => a * b, 1);
        const [y, states] = cell.unroll(4, x, { mergeOutputs: true });
        // [n, t, c, …] → [n · places, t, c]
        const rows = (t: Tensor): Tensor => t.reshape(2, 4, -1, places).transpose(0, 3, 1, 2).reshape(2 * places, 4, -1);
        const [z, plainStates] = plain.unroll(4, rows(x), { mergeOutputs: true });
        close(rows(y), z);
        states.forEach((s, j) => close(s.reshape(2, 3, places).transpose(0, 2, 1).reshape(2 * places, 3), plainStates[j]!));
      });
    });
  }
  it('sizes, names, the printed form, and what is refused', () => {
    withNames(new NameManager(), () => {
      const cell = made(new rnn.Conv2DLSTMCell([3, 8, 6], 4, [3, 2], 5, { i2hPad: [1, 0], h2hDilate: 2 }));
      const [y, states] = cell.call(iota(2, 3, 8, 6), cell.beginState(2));
      expect([y.shape, states.length, cell.stateInfo(2)[0]]).toEqual([[2, 4, 8, 5], 2, { shape: [2, 4, 8, 5], layout: 'NCHW' }]);
      expect([...cell.collectParams()].map(([name, p]) => [name, p.shape])).toEqual([['conv_lstm0_i2h_weight', [16, 3, 3, 2]], ['conv_lstm0_h2h_weight', [16, 4, 5, 5]], ['conv_lstm0_i2h_bias', [16]], ['conv_lstm0_h2h_bias', [16]]]);
      expect(`${cell}`).toBe('Conv2DLSTMCell(3 -> 4, (3, 2), (5, 5))');
      expect(() => cell.call(iota(2, 3, 6, 8), cell.beginState(2))).toThrow(ArgumentError);
    });
    expect(() => new rnn.Conv1DRNNCell([1, 4], 2, 3, 2)).toThrow(/odd/);
    expect(() => new rnn.Conv1DRNNCell([1, 4], 2, 5, 1)).toThrow(ArgumentError);
    expect(() => new rnn.Conv1DRNNCell([4], 2, 1, 1)).toThrow(ArgumentError);
  });
});
