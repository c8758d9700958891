// Layers against the reference implementations of ONNX, CTC against the sum over all paths (tooling/oracle/gluon_onnx.py).
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { type Context, type NestedArray, type Tensor, setDefaultContext, tensor, transpose, withContext } from '@matheron/core-tensor';
import { type Block, type Layer, loss, nn, rnn } from '@matheron/gluon-blocks';
import { describe, expect, it } from 'vitest';
import fixture from './fixtures/onnx.json' with { type: 'json' };

interface Case {
  readonly x: NestedArray;
  readonly y: NestedArray;
  readonly params: Readonly<Record<string, NestedArray>>;
  readonly f32?: boolean;
  readonly begin?: readonly NestedArray[];
  readonly states?: readonly NestedArray[];
  readonly label?: NestedArray;
  readonly pred_lengths?: NestedArray;
  readonly label_lengths?: NestedArray;
}
const cases = fixture as unknown as Readonly<Record<string, Case>>;
setDefaultContext(cpu());

const layers: Readonly<Record<string, () => Layer>> = {
  conv1d: () => new nn.Conv1D(6, 3, { strides: 2, padding: 2, dilation: 2, groups: 2 }),
  conv2d: () => new nn.Conv2D(4, [3, 2], { strides: [2, 1], padding: [1, 2], dilation: [1, 2] }),
  conv2d_depthwise: () => new nn.Conv2D(6, 3, { groups: 3, padding: 1 }),
  conv3d: () => new nn.Conv3D(3, [2, 3, 2], { strides: [2, 1, 2], padding: [1, 0, 1] }),
  conv1d_transpose: () => new nn.Conv1DTranspose(3, 3, { strides: 2, padding: 1, outputPadding: 1 }),
  conv2d_transpose: () => new nn.Conv2DTranspose(4, [3, 2], { strides: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2 }),
  conv2d_transpose_dilated: () => new nn.Conv2DTranspose(3, [2, 3], { dilation: [2, 1] }),
  conv3d_transpose: () => new nn.Conv3DTranspose(2, [2, 2, 3], { strides: [1, 2, 2] }),
  maxpool1d: () => new nn.MaxPool1D(3, { strides: 2, padding: 1 }),
  maxpool2d_ceil: () => new nn.MaxPool2D([3, 2], { strides: 2, ceilMode: true }),
  avgpool2d: () => new nn.AvgPool2D([3, 2], { strides: [2, 1], padding: 1 }),
  avgpool2d_without_padding: () => new nn.AvgPool2D([3, 2], { strides: [2, 1], padding: 1, countIncludePad: false }),
  maxpool3d: () => new nn.MaxPool3D(2, { strides: [2, 1, 2] }),
  global_maxpool3d: () => new nn.GlobalMaxPool3D(),
  global_avgpool3d: () => new nn.GlobalAvgPool3D(),
  instance_norm: () => new nn.InstanceNorm(),
  layer_norm: () => new nn.LayerNorm(),
  batch_norm: () => new nn.BatchNorm(),
  prelu: () => new nn.PReLU({ inChannels: 3 }),
  elu: () => new nn.ELU(0.7),
  selu: () => new nn.SELU(),
  gelu: () => new nn.GELU(),
  pixelshuffle2d: () => new nn.PixelShuffle2D(2),
  reflectpad: () => new nn.ReflectionPad2D([0, 0, 0, 0, 2, 1, 1, 3]),
};
const networks: Readonly<Record<string, () => rnn.RNN | rnn.LSTM | rnn.GRU>> = {
  rnn: () => new rnn.RNN(3, { activation: 'tanh', bidirectional: true }),
  gru: () => new rnn.GRU(3, { bidirectional: true }),
  lstm: () => new rnn.LSTM(3, { bidirectional: true }),
};

function near(actual: Tensor, expected: NestedArray, f32 = false): void {
  const want = tensor(expected, { ctx: actual.ctx });
  expect(actual.shape).toEqual(want.shape);
  expect(actual.sub(want).abs().max().item()).toBeLessThan(f32 ? 1e-6 : 1e-11);
}
function fill(block: Block, params: Case['params'], ctx: Context): void {
  block.initialize({ ctx });
  for (const [key, value] of Object.entries(params)) block.collectParams().at(block.prefix + key).setData(tensor(value, { ctx }));
}

it('every case of the file is built', () => {
  expect(Object.keys(cases).filter((name) => !(name in layers || name in networks || name.startsWith('ctc')))).toEqual([]);
});
for (const ctx of [cpu(0), wasm(0)]) {
  describe(`${ctx}`, () => {
    for (const [name, make] of Object.entries(layers)) {
      it(name, () => {
        withContext(ctx, () => {
          const { x, y, params, f32 } = cases[name]!;
          const block = make();
          fill(block, params, ctx);
          near(block.call(tensor(x)), y, f32);
        });
      });
    }
    for (const name of ['conv2d', 'conv2d_transpose', 'maxpool2d_ceil', 'avgpool2d_without_padding', 'global_maxpool3d'] as const) {
      it(`${name}, channels last`, () => {
        withContext(ctx, () => {
          const { x, y, params, f32 } = cases[name]!;
          const last = (v: Tensor): Tensor => transpose(v, [0, ...v.shape.slice(2).map((_, k) => k + 2), 1]);
          const block = {
            conv2d: () => new nn.Conv2D(4, [3, 2], { strides: [2, 1], padding: [1, 2], dilation: [1, 2], layout: 'NHWC' }),
            conv2d_transpose: () => new nn.Conv2DTranspose(4, [3, 2], { strides: [2, 3], padding: [1, 0], outputPadding: [1, 2], groups: 2, layout: 'NHWC' }),
            maxpool2d_ceil: () => new nn.MaxPool2D([3, 2], { strides: 2, ceilMode: true, layout: 'NHWC' }),
            avgpool2d_without_padding: () => new nn.AvgPool2D([3, 2], { strides: [2, 1], padding: 1, countIncludePad: false, layout: 'NHWC' }),
            global_maxpool3d: () => new nn.GlobalMaxPool3D({ layout: 'NDHWC' }),
          }[name]() as Layer;
          const weight = params['weight'] === undefined ? {} : { weight: last(tensor(params['weight'])).toArray() };
          fill(block, { ...params, ...weight }, ctx);
          near(block.call(last(tensor(x))), last(tensor(y)).toArray(), f32);
        });
      });
    }
    for (const [name, make] of Object.entries(networks)) {
      it(name, () => {
        withContext(ctx, () => {
          const { x, y, params, begin, states } = cases[name]!;
          const block = make();
          fill(block, params, ctx);
          const [outputs, finals] = block.unroll(tensor(x), begin!.map((s) => tensor(s)));
          near(outputs, y);
          expect(finals.length).toBe(states!.length);
          finals.forEach((s, k) => near(s, states![k]!));
        });
      });
    }
    it('ctc', () => {
      withContext(ctx, () => {
        const { x, y, label } = cases['ctc']!;
        near(new loss.CTCLoss().call(tensor(x), tensor(label!)), y);
        const turned = new loss.CTCLoss({ layout: 'TNC', labelLayout: 'TN' });
        near(turned.call(transpose(tensor(x), [1, 0, 2]), tensor(label!).T), y);
      });
    });
    it('ctc_lengths', () => {
      withContext(ctx, () => {
        const { x, y, label, pred_lengths, label_lengths } = cases['ctc_lengths']!;
        near(new loss.CTCLoss().call(tensor(x), tensor(label!), tensor(pred_lengths!), tensor(label_lengths!)), y);
      });
    });
  });
}
