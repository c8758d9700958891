export { type Capture, type CaptureInput, capture } from './capture.ts';
export { type CompileOptions, type Compiled, compile } from './compile.ts';
export { CompileError, LeakedTracerError, TracedValueError } from './errors.ts';
export type { Explanation } from './explain.ts';
export { tracing } from './trace.ts';
