import type { Tensor } from '@matheron/core-tensor';
import { backward, record } from '@matheron/autograd';
import { ArgumentError, type Parameter, ParameterDict } from '@matheron/gluon-params';
import { driveAsync } from './drive.ts';
import { type Bounds, Packing, scalar } from './minimize.ts';
import type { MinimizeOptions, MinimizeResult } from './options.ts';
import { lbfgsbSteps } from './steps.ts';

/**
 * Minimizes a loss over a block's parameters by L-BFGS-B: `loss` runs under `record` at each evaluation, and the parameters hold the best
 * point afterwards, also when aborted. Parameters whose gradReq is 'null' stay. ArgumentError for parameters on several contexts.
 */
export async function minimizeParameters(
  params: ParameterDict | Iterable<Parameter>,
  loss: () => Tensor,
  options: MinimizeOptions & { bounds?: (p: Parameter) => Bounds | undefined } = {},
): Promise<MinimizeResult<Record<string, Tensor>>> {
  const { bounds, ...rest } = options;
  const all = [...(params instanceof ParameterDict ? params.values() : params)].filter((p) => p.gradReq !== 'null');
  for (const p of all) {
    if (p.listCtx().length > 1) throw new ArgumentError('params', `${p.name} on ${p.listCtx().join(', ')}`, 'parameters on one context; call resetCtx first');
  }
  const packing = new Packing(all.map((p) => p.data()));
  const lower = new Float64Array(packing.size).fill(-Infinity);
  const upper = new Float64Array(packing.size).fill(Infinity);
  all.forEach((p, k) => {
    const pair = bounds?.(p);
    if (!pair) return;
    packing.fill(lower, k, pair[0]);
    packing.fill(upper, k, pair[1]);
  });
  const named = (x: Float64Array): Record<string, Tensor> => Object.fromEntries(packing.unpack(x).map((t, k) => [all[k]!.name, t]));
  const put = (x: Float64Array): void => packing.unpack(x).forEach((t, k) => all[k]!.setData(t));
  const start = await packing.pack(all.map((p) => p.data()));
  let result: MinimizeResult<Float64Array> | undefined;
  try {
    result = await driveAsync(lbfgsbSteps(start, { ...rest, lower, upper }), async (x) => {
      put(x);
      for (const p of all) p.zeroGrad();
      const value = record(loss);
      backward(value);
      return [await scalar(value), await packing.pack(all.map((p) => p.grad()))] as const;
    });
  } finally {
    put(result?.x ?? start);
  }
  return { ...result, x: named(result.x), gradient: named(result.gradient) };
}
