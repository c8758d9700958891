import type { Quirks } from '../kit.ts';

export type EngineName = 'cpu' | 'wasm' | 'webgl' | 'webgpu';

/** What is known of an engine: how it is read, and where its kernels fall short. */
export interface EngineProfile {
  readonly engine: EngineName;
  /** Values can be read without waiting. */
  readonly synchronous: boolean;
  /** Kernels that move elements take bool. */
  readonly movesBool: boolean;
  /** `Transpose` reads what was there before where it moves more than two axes. */
  readonly transposesPlanes?: boolean;
  /** `ArgMax` doesn't give the first of equals. */
  readonly argMaxLoses?: boolean;
  readonly quirks: Quirks;
}

const unknown: Quirks['composed'] = ['Erf', 'Erfc', 'Lgamma', 'Digamma'];
const host: Quirks = { smallInt32: false, roundedInt32Product: false, losesNaN: false, graphics: false, composed: unknown };
/** Shading languages bound the absolute error of logarithms and of sin and cos, where the interface bounds the relative one. */
const gpu: Quirks = { ...host, smallInt32: true, losesNaN: true, graphics: true, composed: [...unknown, 'Log', 'Log1p', 'Expm1', 'Sin', 'Cos', 'Tan', 'Acos', 'Sinh', 'Cosh', 'Tanh', 'Sigmoid'] };

/** Measured with the conformance suite on tfjs 4.22. */
export const profiles: Readonly<Record<EngineName, EngineProfile>> = {
  cpu: { engine: 'cpu', synchronous: true, movesBool: true, quirks: { ...host, roundedInt32Product: true } },
  wasm: { engine: 'wasm', synchronous: true, movesBool: false, quirks: { ...host, losesNaN: true, composed: [...unknown, 'Log1p', 'Sin', 'Cos', 'Tan'] } },
  webgl: { engine: 'webgl', synchronous: false, movesBool: true, quirks: gpu },
  webgpu: { engine: 'webgpu', synchronous: false, movesBool: false, transposesPlanes: true, argMaxLoses: true, quirks: { ...gpu, composed: [...gpu.composed, 'Exp'] } },
};
