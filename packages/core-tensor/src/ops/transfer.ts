import type { Context } from '../context.ts';
import { innerOf } from '../dispatch.ts';
import type { Decorator } from '../dispatch.ts';
import { ContextError, SynchronousReadError } from '../errors.ts';
import { currentFrame } from '../stack.ts';
import { type Tensor, backendOf, storageOf, wrapTensor } from '../tensor.ts';

/**
 * `x` on another context: itself where it is there already. Values travel through host memory, so the source must be readable
 * synchronously; a dtype that the target lacks is refused. Under `record` the step is recorded.
 */
export function to(x: Tensor, ctx: Context): Tensor {
  if (x.ctx === ctx) return x;
  const { levels } = currentFrame();
  for (let k = levels.length - 1; k >= 0; k--) {
    const moved = levels[k]!.transfer?.(x, ctx);
    if (moved) return moved;
  }
  const backend = backendOf(x);
  if (innerOf(backend)) {
    const moved = (backend as Decorator).transfer?.(x, ctx);
    if (moved) return moved;
    throw new ContextError(`to: a tensor of ${backend.name} can't leave ${x.ctx} inside a transformation; move the inputs before, or the result after it`, [String(x.ctx), String(ctx)]);
  }
  return transferPlain(x, ctx);
}

/** `to` for plain tensors: reads here, uploads there. */
export function transferPlain(x: Tensor, ctx: Context): Tensor {
  const backend = backendOf(x);
  if (!backend.readSync) throw new SynchronousReadError('to', String(x.ctx));
  return wrapTensor(ctx.backend, ctx.backend.upload(backend.readSync(storageOf(x)), x.shape, x.dtype), ctx);
}

/** The same values without history. Under `compile` the value stays a node of the graph; its gradient ends here. */
export function detach(x: Tensor): Tensor {
  let backend = backendOf(x);
  let storage = storageOf(x);
  for (let inner = innerOf(backend); inner; inner = innerOf(backend)) {
    const below = (backend as Decorator).detach?.(storage);
    if (below === undefined) break;
    storage = below;
    backend = inner;
  }
  return wrapTensor(backend, storage, x.ctx);
}
