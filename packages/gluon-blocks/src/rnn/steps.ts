import { type Tensor, clip, isnan, sigmoid, split, tanh, where } from '@matheron/core-tensor';

/** The functions of a cell's gates, or of the plain cell. */
export type StepFunction = (x: Tensor) => Tensor;

/** c′ = f·c + i·g, h′ = o·tanh(c′) from the gates i, f, g, o in this order: [n, 4h], [n, h] → [n, h] twice (Hochreiter & Schmidhuber, 1997). */
export function lstmStep(gates: Tensor, c: Tensor, activation: StepFunction = tanh, recurrentActivation: StepFunction = sigmoid, limit: StepFunction = (x) => x, axis = -1): [h: Tensor, c: Tensor] {
  const [i, f, g, o] = split(gates, 4, axis) as [Tensor, Tensor, Tensor, Tensor];
  const next = limit(recurrentActivation(f).mul(c).add(recurrentActivation(i).mul(activation(g))));
  return [recurrentActivation(o).mul(activation(next)), next];
}

/** h′ = (1 − z)·tanh(i_n + r·h_n) + z·h from the parts r, z, n of the input and of the state: [n, 3h], [n, 3h], [n, h] → [n, h] (Cho et al., 2014, as in cuDNN). */
export function gruStep(fromInput: Tensor, fromState: Tensor, h: Tensor, activation: StepFunction = tanh, recurrentActivation: StepFunction = sigmoid, axis = -1): Tensor {
  const [ir, iz, io] = split(fromInput, 3, axis) as [Tensor, Tensor, Tensor];
  const [hr, hz, ho] = split(fromState, 3, axis) as [Tensor, Tensor, Tensor];
  const reset = recurrentActivation(ir.add(hr));
  const update = recurrentActivation(iz.add(hz));
  const candidate = activation(io.add(reset.mul(ho)));
  return candidate.add(update.mul(h.sub(candidate)));
}

/** Clips to [low, high]; `nan` also takes NaN, to the low end. */
export function clipper(low: number | undefined, high: number | undefined, nan: boolean): StepFunction | undefined {
  if (low === undefined && high === undefined) return undefined;
  return (x) => {
    const clipped = clip(x, low ?? null, high ?? null);
    return nan ? where(isnan(x), low ?? high!, clipped) : clipped;
  };
}
