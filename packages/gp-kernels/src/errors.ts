import { MatheronError, nearestName } from '@matheron/core-tensor';

/** Base of the errors of Gaussian-process models and their parts. */
export class GPError extends MatheronError {}

/** A hyperparameter was set outside of its bounds. */
export class OutOfBoundsError extends GPError {
  readonly parameter: string;
  readonly value: number;
  readonly bounds: readonly [number, number];
  constructor(parameter: string, value: number, bounds: readonly [number, number], remedy: string = 'choose a value inside, or give the hyperparameter other bounds') {
    super('out-of-bounds', `${parameter}: ${value} is outside [${bounds[0]}, ${bounds[1]}]; ${remedy}`);
    this.parameter = parameter;
    this.value = value;
    this.bounds = bounds;
  }
}

/** A name that no hyperparameter of a model has. `nearest` is the closest one that exists. */
export class UnknownHyperparameterError extends GPError {
  readonly key: string;
  readonly nearest: string | undefined;
  constructor(key: string, known: readonly string[]) {
    const near = nearestName(key, known);
    super('unknown-hyperparameter', `setParams: there is no hyperparameter '${key}'${near === undefined ? '' : `; did you mean '${near}'?`} Known: ${known.join(', ') || 'none'}`);
    this.key = key;
    this.nearest = near;
  }
}

/** Text that isn't a kernel expression. `position` counts from 0; `expected` says what could stand there. */
export class KernelSyntaxError extends GPError {
  readonly expression: string;
  readonly position: number;
  readonly expected: string;
  readonly suggestion: string | undefined;
  constructor(expression: string, position: number, problem: string, detail: { expected: string; suggestion?: string | undefined }) {
    const hint = detail.suggestion === undefined ? '' : `; did you mean '${detail.suggestion}'?`;
    super('kernel-syntax', `parseKernel: ${problem} at position ${position}, expected ${detail.expected}${hint}\n  ${expression}\n  ${' '.repeat(position)}^`);
    this.expression = expression;
    this.position = position;
    this.expected = detail.expected;
    this.suggestion = detail.suggestion;
  }
}
