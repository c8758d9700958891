import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext, tensor } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import { describe, expect, it } from 'vitest';
import { metric } from '../src/index.ts';

setDefaultContext(cpu());
const value = (m: metric.Metric): number => m.get()[1];
function after(m: metric.Metric, ...batches: readonly (readonly [metric.MetricInput, metric.MetricInput])[]): number {
  for (const [l, p] of batches) m.update(l, p);
  return value(m);
}

describe('4.9 metrics', () => {
  it('are NaN before there is anything', () => {
    for (const name of ['acc', 'f1', 'mcc', 'pcc', 'mae', 'mse', 'rmse', 'ce', 'nll_loss', 'perplexity', 'pearsonr', 'loss', 'top_k_acc']) expect(value(metric.create(name))).toBeNaN();
  });
  it('Accuracy: classes or scores, lists, another axis', () => {
    expect(after(new metric.Accuracy(), [[0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]], [[1], [1]])).toBe(3 / 4);
    expect(after(new metric.Accuracy({ axis: 0 }), [[0, 1], [[0.9, 0.1], [0.1, 0.9]]])).toBe(1);
    expect(after(new metric.Accuracy(), [[tensor([1]), tensor([0])], [tensor([[0, 1]]), tensor([[0, 1]])]])).toBe(0.5);
    expect(() => after(new metric.Accuracy(), [[1, 2], [[0, 1]]])).toThrow(ArgumentError);
    expect(() => after(new metric.Accuracy(), [[tensor([1]), tensor([1])], [tensor([1])]])).toThrow(/2 arrays/);
  });
  it('TopKAccuracy has k in its name and needs more than 1', () => {
    const m = new metric.TopKAccuracy(2);
    expect([after(m, [[2, 0], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]]]), m.get()[0]]).toEqual([0.5, 'top_k_accuracy_2']);
    expect(() => new metric.TopKAccuracy(1)).toThrow(ArgumentError);
  });
  // scikit-learn: f1_score and matthews_corrcoef of ([0,1,1,1],[0,1,0,1]) and ([1,0],[1,1]), and of both together.
  const binary = [[[0, 1, 1, 1], [[1, 0], [0, 1], [1, 0], [0, 1]]], [[1, 0], [[0, 1], [0, 1]]]] as const;
  it('F1 and MCC: macro over updates, micro over all; two classes only', () => {
    expect(after(new metric.F1(), ...binary)).toBeCloseTo((0.8 + 2 / 3) / 2, 14);
    expect(after(new metric.F1({ average: 'micro' }), ...binary)).toBeCloseTo(0.75, 14);
    expect(after(new metric.MCC(), binary[0])).toBeCloseTo(0.5773502691896258, 14);
    expect(after(new metric.MCC({ average: 'micro' }), ...binary)).toBeCloseTo(0.25, 14);
    expect(after(new metric.PCC(), ...binary)).toBeCloseTo(0.25, 14);
    expect(() => after(new metric.F1(), [[2], [[0, 1]]])).toThrow(ArgumentError);
    expect(() => new metric.F1({ average: 'all' as 'micro' })).toThrow(ArgumentError);
    const local = new metric.F1({ average: 'micro' });
    after(local, binary[0]);
    local.resetLocal();
    expect([after(local, binary[1]), local.getGlobal()[1]]).toEqual([2 / 3, 0.75]);
  });
  it('PCC of three classes is Gorodkin’s', () => {
    // scikit-learn: matthews_corrcoef([0, 1, 2, 2, 1, 0], [0, 2, 1, 2, 1, 0])
    const scores = [0, 2, 1, 2, 1, 0].map((c) => [0, 1, 2].map((k) => Number(k === c)));
    expect(after(new metric.PCC(), [[0, 1, 2, 2, 1, 0], scores])).toBeCloseTo(0.5, 14);
  });
  it('CrossEntropy, NegativeLogLikelihood and Perplexity, with an ignored label', () => {
    const batch = [[0, 1], [[0.5, 0.5], [0.75, 0.25]]] as const;
    const mean = -(Math.log(0.5) + Math.log(0.25)) / 2;
    expect(after(new metric.CrossEntropy(), batch)).toBeCloseTo(mean, 11);
    expect(after(new metric.NegativeLogLikelihood(), batch)).toBeCloseTo(mean, 11);
    expect(after(new metric.Perplexity(), batch)).toBeCloseTo(Math.exp(mean), 11);
    expect(after(new metric.Perplexity({ ignoreLabel: 1 }), batch)).toBeCloseTo(2, 11);
    expect(() => after(new metric.CrossEntropy(), [[2], [[0.5, 0.5]]])).toThrow(/the label 2/);
  });
  it('MAE, MSE and RMSE: the mean of the batches’ values', () => {
    const batches = [[[1, 2], [1, 4]], [[[0], [0]], [3, 3]]] as const;
    expect([new metric.MAE(), new metric.MSE(), new metric.RMSE()].map((m) => after(m, ...batches))).toEqual([2, 5.5, (Math.SQRT2 + 3) / 2]);
    expect(() => after(new metric.MSE(), [[1], [1, 2]])).toThrow(ArgumentError);
  });
  it('PearsonCorrelation: macro and micro', () => {
    const batches = [[[1, 2, 3], [1, 3, 2]], [[1, 2], [2, 1]]] as const;
    expect(after(new metric.PearsonCorrelation(), ...batches)).toBeCloseTo((0.5 - 1) / 2, 14);
    // numpy.corrcoef([1, 2, 3, 1, 2], [1, 3, 2, 2, 1])[0, 1]
    expect(after(new metric.PearsonCorrelation({ average: 'micro' }), ...batches)).toBeCloseTo(0.2857142857142857, 14);
  });
  it('Loss, functions, composites and names', () => {
    expect(after(new metric.Loss(), [[0], [1, 2, 6]])).toBe(3);
    const custom = metric.create((label: metric.HostValues, pred: metric.HostValues) => [label.values[0]! * pred.values[0]!, 2] as const);
    expect(after(custom, [[3], [4]])).toBe(6);
    const both = metric.create(['mae', 'mse']) as metric.CompositeEvalMetric;
    both.update([1], [3]);
    expect(both.getNameValue()).toEqual([['mae', 2], ['mse', 4]]);
    expect(() => both.at(2)).toThrow(/no metric 2 among 2/);
    both.reset();
    expect(both.getNameValue()[0]![1]).toBeNaN();
    expect(() => metric.create('acurracy')).toThrow(/did you mean 'accuracy'/);
    expect(`${metric.create('acc')}`).toBe("EvalMetric: {'accuracy': NaN}");
    expect(new metric.Accuracy({ axis: 2 }).getConfig()).toEqual({ metric: 'Accuracy', name: 'accuracy', axis: 2 });
    const byName = new metric.MAE();
    byName.updateDict({ a: tensor([1]) }, { a: tensor([2]) });
    expect(value(byName)).toBe(1);
  });
  it('their state goes through JSON', () => {
    for (const m of [new metric.Accuracy(), new metric.F1({ average: 'micro' }), new metric.PCC(), new metric.PearsonCorrelation({ average: 'micro' }), new metric.CompositeEvalMetric([new metric.MCC({ average: 'micro' })])]) {
      m.update(...(binary[0] as never as [metric.MetricInput, metric.MetricInput]).map((x, k) => (m instanceof metric.PearsonCorrelation && k === 1 ? [1, 2, 3, 5] : x)) as [metric.MetricInput, metric.MetricInput]);
      const before = m.get();
      const state = JSON.parse(JSON.stringify(m.state)) as unknown;
      m.reset();
      m.state = state;
      expect(m.get()).toEqual(before);
    }
  });
});
