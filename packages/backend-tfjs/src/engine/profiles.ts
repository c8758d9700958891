import type { Quirks } from '../kit.ts';

export type EngineName = 'cpu' | 'wasm' | 'webgl' | 'webgpu';

/** What is known of an engine: how it is read, and where its kernels fall short. */
export interface EngineProfile {
  readonly engine: EngineName;
  /** Values can be read without waiting. */
  readonly synchronous: boolean;
  /** Kernels that move elements take bool. */
  readonly movesBool: boolean;
  readonly quirks: Quirks;
}

const accurate: Quirks = { smallInt32: false, roundedInt32Product: false, losesNaN: false, coarse: false, composed: ['Erf', 'Erfc', 'Lgamma', 'Digamma'] };

/** Measured with the conformance suite on tfjs 4.22. */
export const profiles: Readonly<Record<EngineName, EngineProfile>> = {
  cpu: { engine: 'cpu', synchronous: true, movesBool: true, quirks: { ...accurate, roundedInt32Product: true } },
  wasm: { engine: 'wasm', synchronous: true, movesBool: false, quirks: { ...accurate, losesNaN: true, composed: [...accurate.composed, 'Log1p', 'Sin', 'Cos', 'Tan'] } },
  webgl: { engine: 'webgl', synchronous: false, movesBool: true, quirks: { ...accurate, smallInt32: true, coarse: true, losesNaN: true } },
  webgpu: { engine: 'webgpu', synchronous: false, movesBool: false, quirks: { ...accurate, coarse: true, losesNaN: true } },
};
