/** @typedef {import('@matheron/backend-conformance').Exception} Exception */

/** @type {readonly Exception[]} */
const graphics = [
  { case: /^unary (exp|expm1|sigmoid|sinh|cosh|erfc|erfcx|logNormalCdf|softplus|logSigmoid): float32/, reason: 'shading languages let exp(x) err by 3 + 2 |x| ulps', tolerance: 2e-5, elementwise: true },
  { case: /^binary pow: float32/, reason: 'the power is exp2(b · log2 a), whose error grows with the exponent', tolerance: 2e-4, elementwise: true },
  { case: /^binary mod: float32/, reason: 'the remainder is a − b · floor(a / b), rounded', tolerance: 2e-6 },
];
/** @type {readonly Exception[]} */
const smallIntegers = [
  /^unary (neg|abs|sign|square|relu|floor|ceil|round|trunc): int32, (?!shape \[(0|1|2, 0, 3)?\])/, /^binary (?!pow)\w+: int32, awkward pairs/, /^binary pow: int32/, /^compare \w+: int32, awkward pairs/,
  /^cast: int32 to (float32|int32|bool), (dense|transposed|sliced)$/, /^reduce (sum|max|min): int32, wrapping/, /^reduce prod: int32/, /^cumulative sum: int32, wrapping/, /^cumulative prod: int32/, /^sort: int32, extremes/,
].map((cases) => ({ case: cases, reason: 'GPU kernels take int32 through floats: integers beyond ±2^24 are refused' }));

/**
 * What a device can't do as the interface says, and why; everything else passes. Without a tolerance a case has to be refused with a typed error.
 * @type {Readonly<Record<string, { exceptions?: readonly Exception[], flushesSubnormals?: boolean }>>}
 */
export const limits = {
  'tfjs-cpu': {},
  'tfjs-wasm': { flushesSubnormals: true },
  'tfjs-webgl': { flushesSubnormals: true, exceptions: [...graphics, ...smallIntegers] },
  'tfjs-webgpu': {
    flushesSubnormals: true,
    exceptions: [...graphics, ...smallIntegers, { case: 'cholesky failures: float32, NaN at [39, 2]', reason: 'the product of matrices spreads a NaN to the row beside it', tolerance: 0.03 }],
  },
  // TensorFlow runs its kernels with subnormals flushed
  'tfjs-node': {
    flushesSubnormals: true,
    exceptions: [{ case: 'binary pow: float64, table', reason: "TensorFlow's pow loses an ulp for each unit of the logarithm", tolerance: 2e-14, elementwise: true }],
  },
};
