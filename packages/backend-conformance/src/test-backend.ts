import type { Context } from '@matheron/core-tensor';
import type { Group } from './bench.ts';
import { binaryGroups } from './cases/binary.ts';
import { choleskyGroups } from './cases/cholesky.ts';
import { factorizationGroups } from './cases/factorizations.ts';
import { indexingGroups } from './cases/indexing.ts';
import { matmulGroups } from './cases/matmul.ts';
import { movementGroups } from './cases/movement.ts';
import { randomBitsGroups } from './cases/random-bits.ts';
import { reduceGroups } from './cases/reduce.ts';
import { refusalGroups } from './cases/refusals.ts';
import { tensorGroups } from './cases/tensor-functions.ts';
import { transferGroups } from './cases/transfer.ts';
import { triangularSolveGroups } from './cases/triangular-solve.ts';
import { unaryGroups } from './cases/unary.ts';
import { whereGroups } from './cases/where.ts';
import { type Runner, register } from './suite.ts';

let built: readonly Group[] | undefined;

/** Every group of cases, in the order of the interface; their expected values are computed once. */
function backendGroups(): readonly Group[] {
  return (built ??= [
    ...transferGroups(), ...movementGroups(), ...unaryGroups(), ...binaryGroups(), ...whereGroups(), ...reduceGroups(), ...indexingGroups(), ...matmulGroups(), ...choleskyGroups(), ...triangularSolveGroups(),
    ...factorizationGroups(), ...randomBitsGroups(), ...refusalGroups(), ...tensorGroups(),
  ]);
}

/**
 * Certifies a backend: every kind and method of the interface, against definitions and tables that no backend computed. One
 * test a case, under the `describe` and `it` of any runner; returns how many cases there are. A dtype that the backend says it
 * lacks turns its cases into checks that it is refused. `exceptions` are data with a reason: see `Exception`.
 */
export function testBackend(make: () => Context | Promise<Context>, options: Runner): { cases: number } {
  return register(make, backendGroups(), options);
}
