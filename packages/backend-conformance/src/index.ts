export { compiledContext } from './compiled-context.ts';
export { testBackend } from './test-backend.ts';
export { testGradients } from './test-gradients.ts';
export { type CheckOptions, checkGradients } from './gradients/check-gradients.ts';
export { GradientMismatchError } from '@matheron/autograd';
export { ConformanceError } from './compare.ts';
export type { Exception, Runner } from './suite.ts';
