/** TensorFlow.js as backends of Matheron: any engine in float32, and tfjs-node in float64. */
export { tfjs } from './tfjs.ts';
export { tfjsNode } from './node/tfjs-node.ts';
