export { autodiff } from './autodiff.ts';
export { type Gradients, customGradient } from './custom-gradient.ts';
export { AutogradError, GradientMismatchError, GraphFreedError, NotRecordedError, UnreachableVariableError } from './errors.ts';
export { grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from './functional.ts';
export { RowUpdates } from './rules/rows.ts';
export { attachGrad, gradOf } from './tape/attach.ts';
export { backward, gradients, onBackward } from './tape/backward.ts';
export { isRecording, isTraining, pause, predictMode, record, trainMode } from './tape/flags.ts';
export { type GradReq, type GradientTarget, type RowGradientSink, gradientTarget, markCell, unmarkCell } from './tape/marks.ts';
