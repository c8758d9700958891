import { type Rng, RandomState } from '@matheron/core-tensor';
import type { LongRun } from '@matheron/gluon-train';
import { GPError } from '@matheron/gp-kernels';

/** The chain's length, how many of its first points are dropped, and every which of the others is kept; 300, 250, 5. */
export interface MCMCOptions { samples?: number; burnIn?: number; thinning?: number }

/** A slice could not be bracketed, or shrank to nothing, within 200 steps. */
export class SliceError extends GPError {
  constructor(message: string) {
    super('slice', `slice sampler: ${message}; check the log density, or its scale`);
  }
}

export interface SliceOptions extends MCMCOptions, LongRun {
  /** The first width of a slice; 1. */
  scale?: number;
  rng: Rng;
}

const mostSteps = 200;

/**
 * Samples from a density by slices along random directions: stepping out by `scale`, stepping in by shrinkage (Neal 2003). `logDensity` may be −Infinity. Keeps
 * ⌊(samples − burnIn) / thinning⌋ points. When aborted, resolves with the points so far.
 */
export async function sliceSample(logDensity: (x: Float64Array) => number | Promise<number>, start: Float64Array, options: SliceOptions): Promise<{ samples: Float64Array[]; logDensities: Float64Array }> {
  const { samples = 300, burnIn = 250, thinning = 5, scale = 1, rng, signal, onProgress } = options;
  if (!(samples > burnIn && burnIn >= 0 && thinning >= 1)) throw new GPError('argument', `sliceSample: samples ${samples} must exceed burnIn ${burnIn} ≥ 0, thinning ${thinning} must be at least 1`);
  const draw = drawsFrom(rng);
  const began = performance.now();
  const kept: Float64Array[] = [];
  const densities: number[] = [];
  const wanted = Math.max(1, Math.floor((samples - burnIn) / thinning));
  let x: Float64Array = Float64Array.from(start);
  let last: number | undefined;
  let pause = began;
  for (let k = 0; k < samples && !signal?.aborted; k++) {
    const step = await oneSample(logDensity, x, scale, draw);
    x = step.x;
    last = step.logDensity;
    if (k >= burnIn && (k - burnIn) % thinning === 0 && kept.length < wanted) {
      kept.push(x);
      densities.push(last);
    }
    onProgress?.({ iteration: k + 1, value: -last, elapsedSeconds: (performance.now() - began) / 1000 });
    if (performance.now() - pause > 30) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      pause = performance.now();
    }
  }
  if (kept.length === 0 && last !== undefined) {
    kept.push(x);
    densities.push(last);
  }
  return { samples: kept, logDensities: Float64Array.from(densities) };
}

interface Draws { uniform(): Promise<number>; normals(n: number): Promise<Float64Array> }

async function oneSample(logDensity: (x: Float64Array) => number | Promise<number>, x: Float64Array, scale: number, draw: Draws): Promise<{ x: Float64Array; logDensity: number }> {
  const direction = await draw.normals(x.length);
  const factor = 1 / Math.sqrt(direction.reduce((s, v) => s + v * v, 0));
  for (let i = 0; i < direction.length; i++) direction[i]! *= factor;
  const at = (t: number): Float64Array => x.map((v, i) => v + direction[i]! * t);
  const density = async (t: number): Promise<number> => await logDensity(at(t));
  const pivot = (await density(0)) + Math.log(await draw.uniform());
  if (Number.isNaN(pivot)) throw new SliceError('the log density is NaN at the present point');
  let lower = -(await draw.uniform()) * scale;
  let upper = lower + scale;
  lower = await stepOut(lower, -scale, density, pivot);
  upper = await stepOut(upper, scale, density, pivot);
  for (let k = 0; k < mostSteps; k++) {
    const t = (upper - lower) * (await draw.uniform()) + lower;
    if (t === 0) throw new SliceError('the slice shrank to its centre');
    const value = await density(t);
    if (value > pivot) return { x: at(t), logDensity: value };
    if (t < 0) lower = t;
    else upper = t;
  }
  throw new SliceError(`no point of the slice was found in ${mostSteps} steps`);
}
async function stepOut(bound: number, step: number, density: (t: number) => Promise<number>, pivot: number): Promise<number> {
  for (let k = 0; k < mostSteps; k++, bound += step) if (!((await density(bound)) > pivot)) return bound;
  throw new SliceError(`the slice has no end within ${mostSteps} steps of ${Math.abs(step)}`);
}

/** Host numbers of any generator; NumPy's stream without going through tensors. */
function drawsFrom(rng: Rng): Draws {
  if (rng instanceof RandomState) {
    return {
      uniform: () => Promise.resolve(rng.random()),
      normals: (n) => Promise.resolve(Float64Array.from({ length: n }, () => rng.gauss())),
    };
  }
  return {
    uniform: async () => (await rng.uniform([]).data())[0]!,
    normals: async (n) => Float64Array.from(await rng.normal([n]).data()),
  };
}
