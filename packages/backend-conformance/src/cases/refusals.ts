import { type BinaryOp, DTypeError, type DType, type Kind, type ReduceOp, type UnaryOp, UnsupportedOperationError, binaryKinds, reduceKinds, unaryKinds } from '@matheron/core-tensor';
import type { Case, Group } from '../bench.ts';
import { ConformanceError } from '../compare.ts';
import { sample } from '../reference/array.ts';

/** A call on a dtype that the kind is not defined on ends in a typed error, not in a value of another dtype or precision. */
function refused(kind: Kind, dtype: DType, operands: number, attributes: object, what: string, shape: readonly number[] = [2, 2]): Case {
  return {
    name: `${what} of ${dtype}`, dtypes: [dtype],
    run(bench) {
      const inputs = Array.from({ length: operands }, (_, k) => bench.place(sample(dtype, shape, k)));
      try {
        bench.call(kind, inputs, attributes as never);
      } catch (error) {
        if (error instanceof UnsupportedOperationError || error instanceof DTypeError) return;
        throw error;
      }
      throw new ConformanceError(`${what} of ${dtype} gives a result; refuse it with UnsupportedOperationError`);
    },
  };
}

/** Kinds on dtypes they are not defined on. */
export function refusalGroups(): Group[] {
  const unary = (Object.keys(unaryKinds) as UnaryOp[]).flatMap((op) => {
    const dtypes: readonly DType[] = unaryKinds[op] === 'float' ? ['int32', 'bool'] : unaryKinds[op] === 'same' ? ['bool'] : [];
    return dtypes.map((dtype) => refused('unary', dtype, 1, { op }, op));
  });
  const binary = (Object.keys(binaryKinds) as BinaryOp[]).flatMap((op) => {
    const dtypes = ({ number: ['bool'], float: ['int32', 'bool'], bool: ['float64', 'int32'] } as const)[binaryKinds[op]];
    return dtypes.map((dtype) => refused('binary', dtype, 2, { op }, op));
  });
  const reductions = (Object.keys(reduceKinds) as ReduceOp[]).map((op) => refused('reduce', reduceKinds[op] === 'bool' ? 'float64' : 'bool', 1, { op, axes: [0] }, `reduce ${op}`));
  const matrices = (['int32', 'bool'] as const).flatMap((dtype) => [
    ...(['cholesky', 'choleskyInverse', 'lu', 'eigh', 'svd'] as const).map((kind) => refused(kind, dtype, 1, {}, kind)),
    refused('qr', dtype, 1, { pivot: false }, 'qr'), refused('triangularSolve', dtype, 2, { lower: true, transpose: false, unitDiagonal: false, side: 'left' }, 'triangularSolve'),
  ]);
  return [{ name: 'refused dtypes', cases: [...unary, ...binary, ...reductions, refused('matmul', 'bool', 2, {}, 'matmul'), ...matrices] }];
}
