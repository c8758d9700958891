import { type Tensor, sizeOf, tensor } from '@matheron/core-tensor';
import type { Parameter } from '@matheron/gluon-params';

/** A parameter's part of the flat vector that an optimizer or a sampler works on. */
export interface Section<P extends Parameter> { readonly parameter: P; readonly start: number; readonly end: number }

/** The parts of parameters that stand one after another. */
export function sectionsOf<P extends Parameter>(parameters: readonly P[]): Section<P>[] {
  let end = 0;
  return parameters.map((parameter) => {
    const start = end;
    end += sizeOf(parameter.shape!);
    return { parameter, start, end };
  });
}
/** The values of parameters in a flat tensor. */
export function unpack(parameters: readonly Parameter[], theta: Tensor): Map<Parameter, Tensor> {
  return new Map(sectionsOf(parameters).map(({ parameter, start, end }) => [parameter, theta.slice([start, end]).reshape(...parameter.shape!)]));
}
/** Makes the parts of a flat vector the values of parameters. */
export function assign(parameters: readonly Parameter[], theta: Float64Array): void {
  for (const { parameter, start, end } of sectionsOf(parameters)) {
    const [ctx] = parameter.listCtx();
    parameter.setData(tensor(theta.slice(start, end), { ctx: ctx!, shape: parameter.shape! }));
  }
}
