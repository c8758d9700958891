import { type Cell, type Graph, type Tensor, borrowTensor } from '@matheron/core-tensor';
import { traceSource } from './program.ts';
import { rebuilderOf, signatureOf, tensorsIn } from './signature.ts';

/** What an input of a captured graph is: the tensor at that place among the arguments, a Cell that is read, or a tensor that the function closes over. */
export type CaptureInput = { readonly argument: number } | { readonly cell: Cell } | { readonly value: Tensor };
/** The graph of a function, for those who write it to a file or translate it. */
export interface Capture {
  readonly graph: Graph;
  readonly inputs: readonly CaptureInput[];
  /** How many outputs the function returned, in the order of the tensors in its result; writes to Cells come after them. */
  readonly results: number;
  /** The shape of the result: a tensor, or an array of them. */
  readonly isList: boolean;
}

/** Traces a function once, in prediction mode, without running it; the shapes and dtypes of the arguments count, not their values. */
export function capture(name: string, f: (...args: never[]) => unknown, args: readonly unknown[]): Capture {
  const { ctx, tensors } = signatureOf(args, 0), rebuild = rebuilderOf(args, 0);
  const setting = { name, ctx, inner: ctx.backend, training: false, recording: false, owner: f };
  let isList = false;
  const traced = traceSource(
    setting,
    tensors.map(({ shape, dtype }) => ({ shape, dtype, implicit: undefined })),
    (values) => {
      const result = (f as (...args: unknown[]) => unknown)(...rebuild(values.map(({ tensor }) => tensor)));
      isList = Array.isArray(result);
      return tensorsIn([result]);
    },
  );
  const inputs = traced.inputs.map(({ implicit }, k): CaptureInput => {
    if (!implicit) return { argument: k };
    return 'cell' in implicit ? implicit : { value: borrowTensor(implicit.backend, implicit.storage, ctx) };
  });
  return { graph: traced.graph, inputs, results: traced.explicit, isList };
}
