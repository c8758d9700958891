import { MatheronError, type Tensor, type TensorLike, Tensor as TensorClass, applyCustomRule, asTensor, astype, isFloat } from '@matheron/core-tensor';

/** One gradient an input, or undefined for an input that gets none. */
export type Gradients<A> = { readonly [I in keyof A]: Tensor | undefined };

/**
 * A function whose gradient is stated. `forward` returns the output, then whatever `backward` wants kept; `backward` gets the gradient of
 * the output, and the inputs, the output and the kept tensors, and returns a gradient of its shape for each input, or undefined. Both are
 * written in ordinary operations, so second derivatives follow: of `backward`, with the kept tensors as functions of the inputs.
 * `forward` must depend on its inputs alone (no random numbers: pass a mask in), since nested differentiation runs it again.
 */
export function customGradient<A extends Tensor[], K extends Tensor[] = []>(rule: {
  forward: (...x: A) => readonly [output: Tensor, ...kept: K];
  backward: (g: Tensor, saved: { readonly inputs: NoInfer<A>; readonly output: Tensor; readonly kept: NoInfer<K> }) => Gradients<A>;
}): (...x: { [I in keyof A]: TensorLike }) => Tensor {
  const untyped = {
    forward: (...x: Tensor[]) => checkedOutput(rule.forward(...(x as A))),
    backward: (g: Tensor, saved: { inputs: readonly Tensor[]; output: Tensor; kept: readonly Tensor[] }) => checkedGradients(rule.backward(g, saved as never), saved.inputs.length),
  };
  return (...x) => applyCustomRule(asInputs(x), untyped);
}

const isTensor = (t: unknown): t is Tensor => t instanceof TensorClass;

function checkedOutput<T extends readonly Tensor[]>(y: T): T {
  if (!Array.isArray(y) || y.length === 0 || !y.every(isTensor)) throw new MatheronError('custom-gradient', 'customGradient: forward must return an array of tensors, [output, ...kept]');
  return y;
}

/** A list that is too short would be read as no gradient. */
function checkedGradients(g: unknown, inputs: number): readonly (Tensor | undefined)[] {
  if (!Array.isArray(g) || g.length !== inputs || !g.every((t) => t === undefined || isTensor(t))) {
    const given = Array.isArray(g) ? `an array of ${g.length}` : g instanceof TensorClass ? 'a tensor' : String(g);
    throw new MatheronError('custom-gradient', `customGradient: backward must return an array with a tensor or undefined for each of the ${inputs} inputs; it returned ${given}`);
  }
  return g as readonly (Tensor | undefined)[];
}

/** Numbers and arrays go to the context, and their floats to the float dtype, of the tensors beside them. */
function asInputs(x: readonly TensorLike[]): Tensor[] {
  const tensors = x.filter((t) => t instanceof TensorClass);
  const ctx = tensors[0]?.ctx;
  const dtype = tensors.find((t) => isFloat(t.dtype))?.dtype;
  return x.map((t) => {
    if (t instanceof TensorClass) return t;
    const made = asTensor('customGradient', t, ctx);
    return dtype && isFloat(made.dtype) && !ArrayBuffer.isView(t) ? astype(made, dtype) : made;
  });
}
