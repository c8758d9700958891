import { ConstantMean, GaussianProcessRegression, Matern52, tensor } from 'matheron';
import { limit } from '../peers/limit.mjs';
import { openblas } from '../peers/openblas.mjs';
import { median } from '../measure.mjs';
import { within } from './largest.mjs';
import { agree, anySize, d, data, lengthscales, mean, naive, noise, objective, outputscale } from '../problem.mjs';

/** One evaluation of the negative log marginal likelihood with all gradients, a full fit, prediction, and what a new size costs. */
export async function* gp({ contexts, has, quick, python }) {
  const blas = has('limit-openblas') ? await openblas() : undefined;
  const sizes = quick ? [100, 500] : [100, 500, 1000, 2000];
  for (const n of sizes) {
    const peers = [...(has('limit-wasm') ? [['limit-wasm', await limit(n)]] : []), ...(blas ? [['limit-openblas', await limit(n, blas)]] : [])];
    for (const [reference, theirs] of peers) {
      agree(reference, theirs()[0], n);
      for (const [subject, ctx] of contexts) {
        if (!within('nll-gradient', subject, n)) continue;
        const ours = objective(ctx, n);
        agree(subject, ours()[0], n);
        yield { case: 'nll-gradient', n, dtype: 'float64', subject, reference, ours, theirs };
        if (reference === 'limit-wasm' && subject === 'wasm') {
          const plain = objective(ctx, n, naive);
          agree('naive kernel', plain()[0], n);
          yield { case: 'nll-gradient-naive-kernel', n, dtype: 'float64', subject, reference, ours: plain, theirs };
        }
      }
    }
    for (const [subject, ctx] of contexts) {
      if (!within('nll-gradient', subject, n)) continue;
      for (const [reference, figures] of python) {
        const peer = figures.nll?.[n];
        if (!peer) continue;
        agree(reference, peer.val, n, 1e-5);
        yield { case: 'nll-gradient', n, dtype: 'float64', subject, reference, ours: objective(ctx, n), referenceMs: peer.med };
      }
    }
  }
  for (const n of quick ? [100] : [100, 500]) {
    for (const [subject, ctx] of contexts) {
      if (!within('fit', subject, n)) continue;
      for (const [reference, figures] of python) {
        const peer = figures.fit?.[n]?.same_objective ?? figures.fit?.[n]?.own_api;
        if (peer) yield { case: 'fit', n, dtype: 'float64', subject, reference, ours: () => fit(ctx, n), referenceMs: peer.ms, times: n <= 100 ? 15 : 3 };
      }
    }
  }
  for (const [subject, ctx] of contexts) {
    const { X, y } = data(1000);
    const model = await fitted(ctx, X, y);
    const at = tensor(data(1000, 1).X, { ctx, shape: [1000, d] });
    for (const [reference, figures] of python) {
      if (figures.pred?.cached) yield { case: 'predict', n: 1000, dtype: 'float64', subject, reference, ours: () => model.predict(at).variance.dataSync(), referenceMs: figures.pred.cached[0] };
    }
    const eager = objective(ctx, 500, { eager: true });
    yield { case: 'nll-gradient-eager', n: 500, dtype: 'float64', subject, reference: `${subject}-compiled`, ours: eager, theirs: objective(ctx, 500) };
    yield { case: 'new-size', n: 200, dtype: 'float64', subject, medianMs: newSize(ctx) };
    yield { case: 'new-model', n: 100, dtype: 'float64', subject, medianMs: newModel(ctx) };
  }
}

async function fit(ctx, n) {
  const { X, y } = data(n);
  const model = new GaussianProcessRegression({
    kernel: new Matern52({ ard: true, lengthscale: { init: 1, bounds: [0.01, 1e4] } }).scale({ init: 1, bounds: [1e-3, 1e3] }),
    noiseVariance: { init: 1e-3, bounds: [1e-9, 1e6] }, standardize: false, ctx,
  });
  await model.fit(tensor(X, { ctx, shape: [n, d] }), tensor(y, { ctx }), { restarts: 2, maxIterations: 100 });
}
async function fitted(ctx, X, y) {
  const model = new GaussianProcessRegression({ kernel: new Matern52({ ard: true, lengthscale: { init: lengthscales } }).scale(outputscale), mean: new ConstantMean({ value: mean }), noiseVariance: noise, standardize: false, ctx });
  await model.recomputeStates(tensor(X, { ctx, shape: [X.length / d, d] }), tensor(y, { ctx }));
  return model;
}

/** What a size not seen before costs: the first call less the second at the same size, median over sizes. */
function newSize(ctx) {
  const call = anySize(ctx);
  call(100);
  const extra = [];
  for (let n = 101; n < 141; n++) {
    const t = performance.now();
    call(n);
    const first = performance.now() - t;
    call(n);
    extra.push(first - (performance.now() - t - first));
  }
  return median(extra);
}
/** The first call of a model whose structure has not been seen. */
function newModel(ctx) {
  const times = [];
  for (let k = 0; k < 7; k++) {
    const call = anySize(ctx, k);
    const t = performance.now();
    call(100);
    times.push(performance.now() - t);
  }
  return median(times);
}
