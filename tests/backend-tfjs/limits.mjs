/**
 * What a device can't do as the interface says, and why; everything else passes. Without a tolerance a case has to be refused with a typed error.
 * @type {Readonly<Record<string, { exceptions?: readonly import('@matheron/backend-conformance').Exception[], flushesSubnormals?: boolean }>>}
 */
export const limits = {
  'tfjs-cpu': {},
  'tfjs-wasm': { flushesSubnormals: true },
  // TensorFlow runs its kernels with subnormals flushed
  'tfjs-node': {
    flushesSubnormals: true,
    exceptions: [{ case: 'binary pow: float64, table', reason: "TensorFlow's pow loses an ulp for each unit of the logarithm", tolerance: 2e-14 }],
  },
};
