import { type Tensor, add, sqrt, sum, warn } from '@matheron/core-tensor';
import { ArgumentError, type Copy, type Parameter, ParameterDict, RowGradient } from '@matheron/gluon-params';

/** The norm of all arrays together, and the arrays times min(1, maxNorm / norm). Warns where the norm is not finite. ArgumentError for none. */
export function clipGlobalNorm(arrays: readonly Tensor[], maxNorm: number): { norm: number; arrays: Tensor[] } {
  if (arrays.length === 0) throw new ArgumentError('arrays', '[]', 'at least one array');
  const norm = globalNorm(arrays);
  const scale = scaleFor(norm, maxNorm);
  return { norm, arrays: scale < 1 ? arrays.map((x) => x.mul(scale)) : [...arrays] };
}

/** Scales the gradients of parameters, on all their contexts, so that their common norm is at most `maxNorm`; returns the norm before. */
export function clipGradients(params: ParameterDict | Iterable<Parameter>, maxNorm: number): number {
  const copies = [...(params instanceof ParameterDict ? params.values() : params)].flatMap((p) => (p.gradReq === 'null' ? [] : [...p.copies]));
  const gradients = copies.flatMap(({ gradient }) => (gradient ? [gradient.peek()] : []));
  if (gradients.length === 0) throw new ArgumentError('params', '[]', 'at least one parameter with a gradient');
  const norm = globalNorm(gradients);
  const scale = scaleFor(norm, maxNorm);
  if (scale < 1) for (const copy of copies) scaleGradient(copy, scale);
  return norm;
}

function globalNorm(arrays: readonly Tensor[]): number {
  const { ctx } = arrays[0]!;
  return sqrt(arrays.map((x) => sum(x.square()).to(ctx).astype('float64')).reduce((a, b) => add(a, b))).item();
}
function scaleFor(norm: number, maxNorm: number): number {
  if (!(maxNorm > 0)) throw new ArgumentError('maxNorm', maxNorm, 'a positive number');
  if (!Number.isFinite(norm)) warn('gradient-norm', `the norm of the gradients is ${norm}; clipping can't mend that`);
  const scale = maxNorm / (norm + 1e-8);
  return scale < 1 ? scale : 1;
}
function scaleGradient(copy: Copy, scale: number): void {
  const { gradient, fresh } = copy;
  if (gradient instanceof RowGradient) gradient.replace(gradient.rows().mul(scale));
  else gradient?.replace(gradient.peek().mul(scale));
  if (!fresh) copy.settle();
}
