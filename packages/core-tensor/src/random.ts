export type { Rng } from './random/rng.ts';
export { Generator, defaultRng, setSeed } from './random/generator.ts';
export { RandomState } from './random/random-state.ts';
export { threefry2x32 } from './random/threefry.ts';
