/** Beyond these sizes a subject or a peer would take minutes. */
const largest = {
  'nll-gradient': { cpu: 500, 'tfjs-node': 1000 },
  fit: { cpu: 100 },
  matrices: { cpu: 512, 'ml-matrix': 512, 'jax-js': 512, mathjs: 128, naive: 512, 'tfjs-cpu': 512, 'tfjs-wasm': 1000 },
};

/** Whether `name` is measured at size n. */
export function within(job, name, n) {
  return n <= (largest[job][name] ?? Infinity);
}
