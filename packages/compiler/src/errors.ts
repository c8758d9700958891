import { MatheronError } from '@matheron/core-tensor';

/** Base of the errors of tracing and compiling. */
export class CompileError extends MatheronError {}

/** A value was asked for while a function is traced. `op` is the operation that made the tensor, `where` the line that asked. */
export class TracedValueError extends CompileError {
  readonly op: string;
  readonly where: string;
  constructor(op: string, where: string) {
    super(
      'traced-value',
      `compile: the values of a traced tensor (made by ${op}) were asked for ${where}; they exist only when the compiled function runs: use where(…) instead of branching on values, return the tensor, or read it outside`,
    );
    this.op = op;
    this.where = where;
  }
}

/** A traced tensor was used after its trace had ended. `where` is the line that used it. */
export class LeakedTracerError extends CompileError {
  readonly where: string;
  constructor(op: string, where: string) {
    super(
      'leaked-tracer',
      `compile: a tensor made by ${op} in a traced function was used ${where}, after the trace had ended; return it from the function instead of keeping it in a variable, or keep it in a Cell`,
    );
    this.where = where;
  }
}
