export { CosineScheduler, FactorScheduler, LRScheduler, MultiFactorScheduler, PolyScheduler } from './classes.ts';
export { type CosineOptions, type FactorOptions, type MultiFactorOptions, type PolyOptions, type WarmupOptions, cosine, factor, multiFactor, poly } from './schedules.ts';
