import { Trainer, backward, loss, matmul, nn, record, setSeed, tensor, withContext } from 'matheron';
import { loadTfjs } from '../peers/tfjs.mjs';
import { randomArray } from '../problem.mjs';

const batch = 32, width = 64, layers = 3;

/** A training step of a perceptron of three layers, batch 32, width 64: hybridized, against its products alone, against itself eager, and against tfjs. */
export async function* neural({ contexts, has }) {
  const X = randomArray(batch * width, 5), y = randomArray(batch * width, 6);
  for (const [subject, ctx] of contexts) {
    const hybrid = stepOf(ctx, X, y, true);
    yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `${subject}-gemms`, ours: hybrid, theirs: gemmsOf(ctx) };
    yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `${subject}-eager`, ours: hybrid, theirs: stepOf(ctx, X, y, false) };
    const cpu = contexts.get('cpu');
    if (cpu && subject !== 'cpu') yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: 'cpu-eager', ours: hybrid, theirs: stepOf(cpu, X, y, false) };
    for (const engine of ['cpu', 'wasm']) if (has(`tfjs-${engine}`)) yield { case: 'dense-step', n: width, dtype: 'float64', subject, reference: `tfjs-${engine}`, ours: hybrid, theirs: await tfjsStep(engine, X, y) };
  }
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
