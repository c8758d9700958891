import { backward, grad, record } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import { type Tensor, ones, setDefaultContext, tensor, zeros } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { type Block, type Layer, loss, nn } from '../src/index.ts';

setDefaultContext(cpu());
const iota = (...shape: number[]): Tensor => tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7) % 11) - 5), { shape });
function made<L extends Block>(layer: L): L {
  layer.initialize({ init: 'xavier' });
  return layer;
}
/** Convolution by its definition. */
function convolved(x: number[][][][], w: number[][][][], stride: number, padding: number, dilation: number, groups: number): number[][][][] {
  const [height, width] = [x[0]![0]!.length, x[0]![0]![0]!.length];
  const k = w[0]![0]!.length;
  const out = (n: number): number => Math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
  return x.map((image) =>
    w.map((filter, o) => {
      const group = Math.floor(o / (w.length / groups));
      return Array.from({ length: out(height) }, (_, i) =>
        Array.from({ length: out(width) }, (__, j) => {
          let sum = 0;
          filter.forEach((plane, c) => plane.forEach((row, p) => row.forEach((v, q) => {
            sum += v * (image[group * filter.length + c]![i * stride - padding + p * dilation]?.[j * stride - padding + q * dilation] ?? 0);
          })));
          return sum;
        }),
      );
    }),
  );
}
function close(a: unknown, b: unknown, digits = 12): void {
  if (Array.isArray(a)) a.forEach((v, k) => close(v, (b as unknown[])[k], digits));
  else expect(a as number).toBeCloseTo(b as number, digits);
}

describe('4.3 convolution', () => {
  for (const [stride, padding, dilation, groups] of [[1, 0, 1, 1], [2, 1, 1, 2], [1, 2, 2, 1], [3, 0, 1, 2]] as const) {
    it(`Conv2D by its definition, stride ${stride}, padding ${padding}, dilation ${dilation}, groups ${groups}`, () => {
      const x = iota(2, 4, 7, 6);
      const layer = made(new nn.Conv2D(6, 2, { strides: stride, padding, dilation, groups, useBias: false }));
      const y = layer.call(x);
      expect(layer.weight.shape).toEqual([6, 4 / groups, 2, 2]);
      close(y.toArray(), convolved(x.toArray() as number[][][][], layer.weight.data().toArray() as number[][][][], stride, padding, dilation, groups));
    });
    it(`Conv2DTranspose is its adjoint, stride ${stride}, padding ${padding}, dilation ${dilation}, groups ${groups}`, () => {
      const conv = made(new nn.Conv2D(6, 2, { strides: stride, padding, dilation, groups, useBias: false, inChannels: 4 }));
      const x = iota(2, 4, 7, 6);
      const y = conv.call(x);
      const g = iota(...y.shape);
      // ⟨conv x, g⟩ = ⟨x, convᵀ g⟩, with the output padding that gives the input's size.
      const reach = (n: number): number => (n - 1) * stride - 2 * padding + dilation + 1;
      const outputPadding = [7 - reach(y.shape[2]!), 6 - reach(y.shape[3]!)];
      const back = made(new nn.Conv2DTranspose(4, 2, { strides: stride, padding, dilation, groups, outputPadding, useBias: false, inChannels: 6 }));
      back.weight.setData(conv.weight.data());
      const z = back.call(g);
      expect(z.shape).toEqual(x.shape);
      close(y.mul(g).sum().item(), z.mul(x).sum().item(), 9);
    });
  }
  it('outputPadding, bias, activation and the printed form', () => {
    const layer = made(new nn.Conv2DTranspose(2, 3, { strides: 2, padding: 1, outputPadding: 1, activation: 'relu', biasInitializer: 'ones' }));
    expect(layer.call(zeros([1, 3, 4, 5])).shape).toEqual([1, 2, 8, 10]);
    expect(layer.call(zeros([1, 3, 4, 5])).max().item()).toBe(1);
    expect(`${layer}`).toBe('Conv2DTranspose(3 -> 2, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), Activation(relu))');
    expect(() => new nn.Conv2DTranspose(2, 3, { outputPadding: 1 })).toThrow(ArgumentError);
  });
  it('NHWC is NCHW with the axes moved; weights have channels last', () => {
    const a = made(new nn.Conv2D(3, 2, { layout: 'NHWC', activation: 'tanh' }));
    const x = iota(2, 5, 4, 2);
    const y = a.call(x);
    expect([a.weight.shape, y.shape]).toEqual([[3, 2, 2, 2], [2, 4, 3, 3]]);
    const b = made(new nn.Conv2D(3, 2, { activation: 'tanh', inChannels: 2 }));
    b.weight.setData(a.weight.data().transpose(0, 3, 1, 2));
    close(b.call(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1).toArray(), y.toArray());
    const pool = new nn.MaxPool2D(2, { layout: 'NHWC' });
    close(pool.call(x).toArray(), new nn.MaxPool2D(2).call(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1).toArray());
    expect(() => new nn.Conv1D(1, 2, { layout: 'NWC' })).toThrow(ArgumentError);
  });
  it('one and three axes', () => {
    expect(made(new nn.Conv1D(4, 3, { padding: 1 })).call(iota(2, 3, 8)).shape).toEqual([2, 4, 8]);
    expect(made(new nn.Conv3D(2, [1, 2, 3], { strides: [1, 2, 1] })).call(iota(1, 2, 3, 4, 5)).shape).toEqual([1, 2, 3, 2, 3]);
    expect(made(new nn.Conv1DTranspose(4, 3, { strides: 2 })).call(iota(2, 3, 5)).shape).toEqual([2, 4, 11]);
    expect(made(new nn.Conv3DTranspose(1, 2)).call(iota(1, 2, 2, 2, 2)).shape).toEqual([1, 1, 3, 3, 3]);
    expect(() => new nn.Conv2D(2, [1] as never)).toThrow(ArgumentError);
    expect(() => new nn.Conv2D(3, 1, { groups: 2 })).toThrow(/divisor/);
    expect(() => made(new nn.Conv2D(3, 1)).call(zeros([1, 2]))).toThrow(ArgumentError);
  });
});

describe('4.3 pooling', () => {
  const x = tensor([[[1, 5, 2, 4, 3]]]);
  const row = (layer: Layer): unknown => (layer.call(x).toArray() as number[][][])[0]![0];
  it('max and mean, padding, ceil mode, strides', () => {
    expect(row(new nn.MaxPool1D(2))).toEqual([5, 4]);
    expect(row(new nn.MaxPool1D(2, { ceilMode: true }))).toEqual([5, 4, 3]);
    expect(row(new nn.MaxPool1D(3, { strides: 1, padding: 1 }))).toEqual([5, 5, 5, 4, 4]);
    expect(row(new nn.AvgPool1D(2, { padding: 1 }))).toEqual([0.5, 3.5, 3.5]);
    expect(row(new nn.AvgPool1D(2, { padding: 1, countIncludePad: false }))).toEqual([1, 3.5, 3.5]);
    // The overhang of ceil mode beyond the padded input never counts.
    expect(row(new nn.AvgPool1D(2, { ceilMode: true }))).toEqual([3, 3, 3]);
    expect(row(new nn.AvgPool1D(3, { padding: 1, ceilMode: true }))).toEqual([2, 3, 0]);
  });
  it('over two and three axes, and globally', () => {
    const y = iota(2, 3, 4, 4);
    expect(new nn.MaxPool2D([2, 1]).call(y).shape).toEqual([2, 3, 2, 4]);
    expect(new nn.AvgPool3D().call(iota(1, 1, 4, 4, 2)).shape).toEqual([1, 1, 2, 2, 1]);
    close(new nn.GlobalAvgPool2D().call(y).toArray(), y.mean([2, 3], { keepdims: true }).toArray());
    close(new nn.GlobalMaxPool1D().call(x).toArray(), [[[5]]]);
    expect(new nn.GlobalMaxPool3D().call(iota(1, 2, 3, 4, 5)).shape).toEqual([1, 2, 1, 1, 1]);
    expect(new nn.GlobalAvgPool2D({ layout: 'NHWC' }).call(iota(1, 2, 3, 4)).shape).toEqual([1, 1, 1, 4]);
    expect(`${new nn.MaxPool2D()}`).toBe('MaxPool2D(size=(2, 2), stride=(2, 2), padding=(0, 0), ceil_mode=False, global_pool=False, pool_type=max, layout=NCHW)');
    expect(`${new nn.GlobalAvgPool1D()}`).toBe('GlobalAvgPool1D(size=(1,), stride=(1,), padding=(0,), ceil_mode=True, global_pool=True, pool_type=avg, layout=NCW)');
  });
  it('the gradient of the largest goes to the first of equals', () => {
    const p = made(new nn.Dense(1, { inUnits: 1 })).weight;
    backward(record(() => new nn.MaxPool1D(2).call(ones([1, 1, 2]).mul(p.data())).sum()));
    expect(p.grad().item()).toBe(1);
    for (const layer of [new nn.MaxPool1D(3), new nn.GlobalMaxPool1D()]) {
      expect(grad((z: Tensor) => layer.call(z).sum())([[[1, 3, 3]]]).toArray()).toEqual([[[0, 1, 0]]]);
    }
    expect(grad((z: Tensor) => new nn.GlobalMaxPool2D({ layout: 'NHWC' }).call(z).sum())([[[[1, 5], [1, 5]], [[0, 4], [1, 5]]]]).toArray()).toEqual([[[[1, 1], [0, 0]], [[0, 0], [0, 0]]]]);
  });
  it('ReflectionPad2D mirrors without repeating the edge', () => {
    expect(new nn.ReflectionPad2D(1).call(tensor([[[[1, 2], [3, 4]]]])).toArray()).toEqual([[[[4, 3, 4, 3], [2, 1, 2, 1], [4, 3, 4, 3], [2, 1, 2, 1]]]]);
    expect(new nn.ReflectionPad2D([0, 0, 0, 0, 0, 0, 2, 0]).call(tensor([[[[1, 2, 3]]]])).toArray()).toEqual([[[[3, 2, 1, 2, 3]]]]);
    expect(() => new nn.ReflectionPad2D(2).call(ones([1, 1, 2, 2]))).toThrow(ArgumentError);
  });
});

describe('4.1 normalization', () => {
  const x = iota(4, 3, 2);
  it('BatchNorm: batch statistics in training, running ones else, which move once at the backward pass', () => {
    const layer = made(new nn.BatchNorm());
    const y = record(() => layer.call(x));
    close(y.mean([0, 2]).toArray(), [0, 0, 0]);
    expect(layer.running_mean.data().toArray()).toEqual([0, 0, 0]);
    backward(y);
    close(layer.running_mean.data().toArray(), x.mean([0, 2]).mul(0.1).toArray());
    close(layer.running_var.data().toArray(), x.variance([0, 2]).mul(0.1).add(0.9).toArray());
    const before = layer.running_mean.data().toArray();
    record(() => layer.call(x));
    layer.call(x);
    expect(layer.running_mean.data().toArray()).toEqual(before);
    expect([...layer.collectParams().values()].map((p) => p.gradReq)).toEqual(['write', 'write', 'null', 'null']);
  });
  it("moves at each training forward with updateStatistics 'forward', in compiled blocks too", () => {
    for (const hybrid of [false, true]) {
      for (const updateStatistics of ['forward', 'backward'] as const) {
        const layer = made(new nn.BatchNorm({ updateStatistics, inChannels: 3 }));
        if (hybrid) layer.hybridize();
        const moved = x.mean([0, 2]).mul(0.1).toArray();
        const y = record(() => layer.call(x));
        if (updateStatistics === 'forward') close(layer.running_mean.data().toArray(), moved);
        else expect(layer.running_mean.data().toArray()).toEqual([0, 0, 0]);
        backward(y);
        close(layer.running_mean.data().toArray(), moved);
        backward(record(() => layer.call(x)));
        close(layer.running_mean.data().toArray(), x.mean([0, 2]).mul(1 - 0.9 ** 2).toArray());
      }
    }
  });
  it('scale false leaves gamma out and untrained, center false leaves beta untrained', () => {
    const layer = made(new nn.BatchNorm({ scale: false, center: false, gammaInitializer: () => [2, 2, 2], betaInitializer: 'ones' }));
    const y = record(() => layer.call(x));
    close(y.mean([0, 2]).toArray(), [1, 1, 1]);
    expect(y.variance([0, 2]).toArray<number[]>().every((v) => v < 1)).toBe(true);
    expect([layer.gamma.gradReq, layer.beta.gradReq]).toEqual(['null', 'null']);
  });
  it('SyncBatchNorm over contexts is BatchNorm over the whole batch', () => {
    const whole = made(new nn.BatchNorm({ inChannels: 3 }));
    const layer = new nn.SyncBatchNorm();
    layer.initialize({ ctx: [cpu(0), cpu(1)] });
    const parts = [x.slice([0, 1]), x.slice([1]).to(cpu(1))];
    const ys = record(() => layer.callAll(parts));
    const y = record(() => whole.call(x));
    close(ys[0]!.toArray(), y.slice([0, 1]).toArray());
    close(ys[1]!.toArray(), y.slice([1]).toArray());
    backward(ys);
    backward(y);
    close(layer.beta.grad(cpu(0)).to(cpu(0)).add(layer.beta.grad(cpu(1)).to(cpu(0))).toArray(), whole.beta.grad().toArray());
    for (const ctx of [cpu(0), cpu(1)]) close(layer.running_var.data(ctx).toArray(), whole.running_var.data().toArray());
  });
  it('BatchNormReLU, LayerNorm, InstanceNorm and GroupNorm', () => {
    expect(record(() => made(new nn.BatchNormReLU()).call(x)).min().item()).toBe(0);
    close(made(new nn.LayerNorm()).call(x).mean(-1).toArray(), zeros([4, 3]).toArray());
    close(made(new nn.InstanceNorm()).call(x).mean(2).toArray(), zeros([4, 3]).toArray());
    close(made(new nn.GroupNorm({ numGroups: 3 })).call(x).mean(2).toArray(), zeros([4, 3]).toArray());
    expect([made(new nn.InstanceNorm()).gamma.gradReq, made(new nn.GroupNorm({ numGroups: 3 })).gamma.shape]).toEqual(['null', [3]]);
    expect(() => made(new nn.GroupNorm({ numGroups: 2 })).call(x)).toThrow(ArgumentError);
  });
});

describe('4.1 and 4.2 others', () => {
  it('Embedding clips indices, cuts fractions, and may have a sparse gradient', () => {
    const layer = new nn.Embedding(3, 2, { sparseGrad: true });
    layer.initialize({ init: () => [[1, 1], [2, 2], [3, 3]] });
    expect(layer.call(tensor([[-4, 1.9], [7, 0]])).toArray()).toEqual([[[1, 1], [2, 2]], [[3, 3], [1, 1]]]);
    backward(record(() => layer.call(tensor([2, 2])).sum()));
    expect([layer.weight.rowSparseGrad().indices.toArray(), layer.weight.grad().toArray()]).toEqual([[2], [[0, 0], [0, 0], [2, 2]]]);
    expect(`${new nn.SparseEmbedding(3, 2)}`).toBe('SparseEmbedding(3 -> 2, float64)');
  });
  it('activations far out have finite values and gradients', () => {
    const p = made(new nn.Dense(1, { inUnits: 1 })).weight;
    p.setData([[1]]);
    for (const layer of [new nn.ELU(), new nn.SELU(), new nn.GELU(), new nn.Swish(), new nn.LeakyReLU(0.1), made(new nn.PReLU())]) {
      const y = record(() => layer.call(tensor([[-1e3], [1e3]]).mul(p.data())));
      backward(y);
      expect([...y.dataSync(), p.grad().item()].every(Number.isFinite)).toBe(true);
    }
    expect(() => new nn.LeakyReLU(-1)).toThrow(ArgumentError);
  });
  it('Concurrent joins outputs, PixelShuffle moves channels into space, Identity and Flatten', () => {
    const both = new nn.HybridConcurrent({ axis: 1 }, new nn.Identity(), new nn.HybridLambda((F, x) => F.mul(x, 2)));
    expect(both.call(tensor([[1, 2]])).toArray()).toEqual([[1, 2, 2, 4]]);
    expect(new nn.Concurrent({}, new nn.Flatten(), new nn.Flatten()).call(iota(2, 2, 2)).shape).toEqual([2, 8]);
    expect(new nn.PixelShuffle1D(2).call(tensor([[[1, 2], [3, 4]]])).toArray()).toEqual([[[1, 3, 2, 4]]]);
    expect(new nn.PixelShuffle2D([1, 2]).call(tensor([[[[1], [2]], [[3], [4]]]])).toArray()).toEqual([[[[1, 3], [2, 4]]]]);
    expect(new nn.PixelShuffle3D(2).call(iota(1, 8, 1, 2, 3)).shape).toEqual([1, 1, 2, 4, 6]);
    expect(() => new nn.PixelShuffle1D(3).call(iota(1, 2, 2))).toThrow(ArgumentError);
  });
});

describe('4.4 losses', () => {
  it('CTC by summing over all paths', () => {
    const [steps, classes] = [4, 3];
    const x = iota(2, steps, classes).div(3);
    const labels = [[0, 1], [1, -1]];
    const logs = x.sub(x.logSumExp(-1, { keepdims: true })).toArray() as number[][][];
    const expected = labels.map((label, n) => {
      const wanted = label.filter((v) => v >= 0).join();
      let total = 0;
      for (let code = 0; code < classes ** steps; code++) {
        const path = Array.from({ length: steps }, (_, t) => Math.floor(code / classes ** t) % classes);
        const spelled = path.filter((c, t) => c !== classes - 1 && c !== path[t - 1]);
        if (spelled.join() === wanted) total += Math.exp(path.reduce((s, c, t) => s + logs[n]![t]![c]!, 0));
      }
      return -Math.log(total);
    });
    close(new loss.CTCLoss().call(x, tensor(labels)).toArray(), expected, 10);
    close(new loss.CTCLoss({ layout: 'TNC', labelLayout: 'TN' }).call(x.transpose(1, 0, 2), tensor(labels).T).toArray(), expected, 10);
    const short = new loss.CTCLoss().call(x.slice([], [0, 3]), tensor(labels)).toArray();
    close(new loss.CTCLoss().call(x, tensor(labels), tensor([3, 3]), tensor([2, 1])).toArray(), short, 10);
    expect(() => new loss.CTCLoss({ layout: 'CTN' as 'NTC' })).toThrow(ArgumentError);
  });
  it('weights: a number for all, a tensor a sample; anything else is refused (AE)', () => {
    const [pred, label] = [tensor([[1, 2], [3, 4]]), tensor([[0, 0], [0, 0]])];
    expect(new loss.L1Loss().call(pred, label).toArray()).toEqual([1.5, 3.5]);
    expect(new loss.L1Loss({ weight: 2 }).call(pred, label, tensor([[1], [0]])).toArray()).toEqual([3, 0]);
    expect(new loss.L1Loss({ batchAxis: 1 }).call(pred, label).toArray()).toEqual([2, 3]);
    expect(() => new loss.L2Loss({ weight: '2' as never })).toThrow(ArgumentError);
    expect(() => new loss.LogisticLoss({ labelFormat: 'other' as 'signed' })).toThrow(ArgumentError);
  });
  it('PoissonNLL with computeFull trains, which MXNet’s cannot; labels of 0 are fine', () => {
    const p = made(new nn.Dense(1, { inUnits: 1 })).weight;
    const l = record(() => new loss.PoissonNLLLoss({ computeFull: true }).call(p.data(), tensor([[0]])));
    backward(l);
    expect(Number.isFinite(l.item()) && Number.isFinite(p.grad().item())).toBe(true);
    expect(l.shape).toEqual([1]);
  });
  it('the gradient is right at a logit of exactly 0', () => {
    for (const l of [new loss.SigmoidBCELoss(), new loss.LogisticLoss({ labelFormat: 'binary' })]) {
      expect(grad((x: Tensor) => (l.call as (p: Tensor, z: Tensor) => Tensor).call(l, x, tensor([[0.25]])).sum())([[0]]).item()).toBe(0.25);
    }
  });
  it('logits of any size give finite losses and gradients', () => {
    const p = made(new nn.Dense(1, { inUnits: 1 })).weight;
    p.setData([[1]]);
    for (const l of [new loss.SigmoidBCELoss(), new loss.LogisticLoss()]) {
      const y = record(() => l.call(tensor([[-1e3], [1e3]]).mul(p.data()), tensor([[1], [0]])));
      backward(y);
      expect(y.toArray<number[]>().every(Number.isFinite) && Number.isFinite(p.grad().item())).toBe(true);
    }
    expect(new loss.SoftmaxCELoss().call(tensor([[1e3, -1e3]]), tensor([1])).item()).toBe(2000);
  });
});
