import { MatheronError } from '@matheron/core-tensor';

/** Base of the errors of differentiation. */
export class AutogradError extends MatheronError {}

/** `backward` or `gradients` of a tensor that no `record` has seen, or `gradOf` of one that is not marked. */
export class NotRecordedError extends AutogradError {
  constructor(message: string) {
    super('not-recorded', message);
  }
}

/** A second walk over a graph that the first one has freed. */
export class GraphFreedError extends AutogradError {
  constructor(caller: string) {
    super('graph-freed', `${caller}: the recorded graph was freed by an earlier pass; pass { retainGraph: true } to that one, or record again`);
  }
}

/** A variable that the heads don't depend on; `index` is its place in the list. */
export class UnreachableVariableError extends AutogradError {
  readonly index: number;
  constructor(caller: string, index: number) {
    super('unreachable-variable', `${caller}: variable ${index} is not part of the recorded graph of the heads; mark it with attachGrad (or a gradReq) and use it inside record`);
    this.index = index;
  }
}

/** An analytic gradient that differs from the numeric one: thrown by checkGradients. */
export class GradientMismatchError extends AutogradError {
  readonly argument: number;
  readonly index: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
  constructor(message: string, detail: { argument: number; index: readonly number[]; analytic: number; numeric: number }) {
    super('gradient-mismatch', message);
    this.argument = detail.argument;
    this.index = detail.index;
    this.analytic = detail.analytic;
    this.numeric = detail.numeric;
  }
}
