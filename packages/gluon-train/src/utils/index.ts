export { clipGlobalNorm, clipGradients } from './clip.ts';
export { type SplitOptions, splitAndLoad, splitData } from './split.ts';
