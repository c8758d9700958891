import { Trainer, backward, compile, loss, matmul, nn, record, rnn, setSeed, tensor, valueAndGrad, withContext } from 'matheron';
import { loadJaxJs } from '../peers/javascript.mjs';
import { median } from '../measure.mjs';
import { loadTfjs } from '../peers/tfjs.mjs';
import { randomArray } from '../problem.mjs';

const batch = 32, width = 64, layers = 3;
/** A training goes through thousands of steps: what is measured is one of those, after the engine has optimized its code. */
const before = 1500;
async function warmed(f) {
  for (let k = 0; k < before; k++) await f();
  return f;
}

/**
 * A training step of a perceptron of three layers, batch 32, width 64: hybridized, against its products alone, against itself eager, against tfjs and
 * jax-js; and what it costs to compile an unrolled LSTM.
 */
export async function* neural({ contexts, has, quick }) {
  const jax = has('jax-js') ? await loadJaxJs() : undefined;
  const X = randomArray(batch * width, 5), y = randomArray(batch * width, 6);
  for (const [subject, ctx] of contexts) {
    const hybrid = await warmed(stepOf(ctx, X, y, true));
    yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `${subject}-gemms`, ours: hybrid, theirs: await warmed(gemmsOf(ctx)) };
    yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `${subject}-eager`, ours: hybrid, theirs: await warmed(stepOf(ctx, X, y, false)) };
    const cpu = contexts.get('cpu');
    if (cpu && subject !== 'cpu') yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: 'cpu-eager', ours: hybrid, theirs: await warmed(stepOf(cpu, X, y, false)) };
    for (const engine of ['cpu', 'wasm']) if (has(`tfjs-${engine}`)) yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `tfjs-${engine}`, ours: hybrid, theirs: await tfjsStep(engine, X, y) };
    if (jax) {
      for (const dtype of ['float64', 'float32']) yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: dtype === 'float64' ? 'jax-js' : 'jax-js-float32', ours: hybrid, theirs: jaxStep(jax, X, y, dtype) };
    }
  }
  for (const [subject, ctx] of contexts) {
    if (subject === 'cpu' || subject.startsWith('tfjs')) continue;
    for (const steps of quick ? [25] : [25, 100]) yield { case: 'compile-lstm', n: steps, dtype: 'float64', subject, medianMs: compileTime(ctx, steps) };
  }
}

/** The first call of an LSTM of 32 units unrolled over `steps`, with its gradients, less the second: tracing, planning, emitting. The median of several. */
function compileTime(ctx, steps) {
  return withContext(ctx, () => {
    setSeed(2);
    const cell = new rnn.LSTMCell(32, { inputSize: 16 });
    cell.initialize({ ctx });
    const x = tensor(randomArray(8 * steps * 16, 7), { ctx, shape: [8, steps, 16] });
    const times = [];
    for (let k = 0; k < 5; k++) {
      const f = compile(valueAndGrad((input) => cell.unroll(steps, input, { layout: 'NTC', mergeOutputs: true })[0].square().sum()));
      const t = performance.now();
      f(x);
      const first = performance.now() - t;
      f(x);
      times.push(first - (performance.now() - t - first));
      f.dispose();
    }
    return median(times);
  });
}

function stepOf(ctx, X, y, hybridize) {
  return withContext(ctx, () => {
    setSeed(1);
    const net = new nn.HybridSequential(...Array.from({ length: layers }, (_, k) => new nn.Dense(width, { inUnits: width, ...(k < layers - 1 ? { activation: 'relu' } : {}) })));
    net.initialize({ ctx });
    const criterion = new loss.L2Loss();
    if (hybridize) {
      net.hybridize();
      criterion.hybridize();
    }
    const trainer = new Trainer(net.collectParams(), 'sgd', { learningRate: 1e-3 });
    const [input, target] = [tensor(X, { ctx, shape: [batch, width] }), tensor(y, { ctx, shape: [batch, width] })];
    return () => {
      backward(record(() => criterion.call(net.call(input), target)));
      trainer.step(batch);
    };
  });
}
/** The products of one step at their shapes: forward, gradient of the weights, gradient of the inputs (none for the first layer). */
function gemmsOf(ctx) {
  const m = (r, c) => tensor(randomArray(r * c, r + c), { ctx, shape: [r, c] });
  const [x, w, xt] = [m(batch, width), m(width, width), m(width, batch)];
  return () => {
    for (let k = 0; k < layers; k++) matmul(x, w);
    for (let k = 0; k < layers; k++) matmul(xt, x);
    for (let k = 1; k < layers; k++) matmul(x, w);
  };
}
async function tfjsStep(engine, X, y) {
  const tf = await loadTfjs(engine);
  const f = (x, shape) => tf.tensor(Float32Array.from(x), shape);
  const [input, target] = [f(X, [batch, width]), f(y, [batch, width])];
  const params = Array.from({ length: layers }, (_, k) => [tf.variable(f(randomArray(width * width, k + 9).map((v) => v / 8), [width, width])), tf.variable(tf.zeros([width]))]);
  const optimizer = tf.train.sgd(1e-3);
  return () => {
    if (tf.getBackend() !== engine) void tf.setBackend(engine);
    optimizer.minimize(() => {
      let h = input;
      params.forEach(([w, b], k) => {
        h = tf.add(tf.matMul(h, w), b);
        if (k < layers - 1) h = tf.relu(h);
      });
      return tf.mean(tf.square(tf.sub(h, target)));
    });
  };
}
/** SGD by one jitted function of parameters and data. */
function jaxStep({ numpy: np, jit, valueAndGrad: jaxValueAndGrad, nn: jaxNn }, X, y, type) {
  const dtype = np[type];
  const array = (x, shape) => np.array(type === 'float64' ? x : Float32Array.from(x), { shape, dtype });
  const [input, target] = [array(X, [batch, width]), array(y, [batch, width])];
  let params = Array.from({ length: layers }, (_, k) => [array(randomArray(width * width, k + 9).map((v) => v / 8), [width, width]), np.zeros([width], { dtype })]);
  const criterion = (ps, x, t) => {
    let h = x;
    ps.forEach(([w, b], k) => {
      h = np.matmul(h, w).add(b);
      if (k < layers - 1) h = jaxNn.relu(h);
    });
    const e = h.sub(t);
    return e.ref.mul(e).mean();
  };
  const step = jit((ps, x, t) => {
    const [value, gradients] = jaxValueAndGrad(criterion)(ps.map((p) => p.map((q) => q.ref)), x, t);
    return [value, ps.map((p, k) => p.map((q, j) => q.sub(gradients[k][j].mul(1e-3))))];
  });
  return () => {
    const [value, next] = step(params, input.ref, target.ref);
    params = next;
    value.dataSync();
  };
}
