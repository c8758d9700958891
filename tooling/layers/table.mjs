// The layers of the project, as data. A package imports packages of a strictly lower layer; the only edges inside a
// layer are those listed as `beside`. `closure` is everything that installing the package alone may bring.

/**
 * @typedef {object} Row
 * @property {number} layer
 * @property {string[]} [beside] packages of the same layer that it may import
 * @property {string[]} [external] packages from outside that it may depend on
 * @property {string[]} [optional] packages that a user may add, loaded on demand
 * @property {string[] | true} [node] sources that may import Node's modules; true: all of them
 * @property {string[]} closure ids of this workspace and names from outside; a trailing * stands for platform builds
 */

const upToParams = ['core-tensor', 'autograd', 'io', 'fflate'];
const upToBlocks = [...upToParams, 'compiler', 'gluon-params'];
const upToKernels = [...upToBlocks, 'gluon-blocks'];
const upToGp = [...upToKernels, 'gluon-train', 'gp-kernels'];
const upToUmbrella = [...upToGp, 'gp', 'backend-cpu', 'backend-wasm'];

/** @type {Record<string, Row>} */
export const table = {
  'core-tensor': { layer: 0, closure: [] },
  'backend-cpu': { layer: 1, closure: ['core-tensor'] },
  'backend-wasm': { layer: 1, beside: ['backend-cpu'], node: ['src/threads'], closure: ['core-tensor', 'backend-cpu'] },
  'backend-native': { layer: 1, beside: ['backend-wasm'], external: ['koffi'], node: true, closure: ['core-tensor', 'backend-cpu', 'backend-wasm', 'koffi', '@koromix/koffi-*'] },
  'backend-tfjs': { layer: 1, optional: ['@tensorflow/tfjs-*'], node: ['src/node'], closure: ['core-tensor'] },
  autograd: { layer: 1, closure: ['core-tensor'] },
  compiler: { layer: 1, beside: ['autograd'], closure: ['core-tensor', 'autograd'] },
  'backend-conformance': { layer: 1, beside: ['autograd', 'compiler'], closure: ['core-tensor', 'autograd', 'compiler'] },
  io: { layer: 1, external: ['fflate'], node: ['src/node'], closure: ['core-tensor', 'fflate'] },
  'gluon-params': { layer: 2, closure: upToParams },
  'gluon-blocks': { layer: 3, closure: upToBlocks },
  'gluon-train': { layer: 4, closure: upToKernels },
  'gp-kernels': { layer: 4, closure: upToKernels },
  gp: { layer: 5, closure: upToGp },
  matheron: { layer: 6, optional: ['backend-native', 'backend-tfjs'], node: ['src/config', 'src/load-config'], closure: upToUmbrella },
  cli: {
    layer: 7,
    external: ['commander', 'papaparse'],
    optional: ['backend-native', 'backend-tfjs'],
    node: true,
    closure: [...upToUmbrella, 'matheron', 'commander', 'papaparse'],
  },
};

/** Packages for development (types, engines to test with, compilers) that may stand in any package: they never reach a user. */
export const development = [/^@types\//, /^@tensorflow\//, /^assemblyscript$/];

/** Modules that tests may import without declaring them: the root declares them once for all. */
export const testModules = ['vitest', 'fast-check'];
