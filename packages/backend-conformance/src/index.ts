export type { Exception, Runner } from './suite.ts';
export { testBackend } from './test-backend.ts';
export { ConformanceError } from './compare.ts';
