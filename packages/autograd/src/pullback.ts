import { type Backend, type BackendTensor, type Context, type Level, type Tensor, borrowTensor, currentFrame, enter } from '@matheron/core-tensor';
import { Family } from './autodiff.ts';
import { type Seed, Tracked, walk } from './graph.ts';

/** An argument on the level below: a variable, or a constant. `handle` is another object for the same value: where that is lifted, or a Cell gives it, the argument is meant. */
export interface PullbackInput {
  readonly value: BackendTensor;
  readonly handle: BackendTensor | undefined;
  readonly variable: boolean;
}
/** What `fn` of `pullback` gets for an argument: the tensor, and the handle that stands for it on this level. */
export interface PullbackArgument {
  readonly tensor: Tensor;
  readonly handle: BackendTensor | undefined;
}

/**
 * For compilers: runs `fn` on arguments of a level above `base`, and gives its results without history, with a pullback from gradients of
 * the results (undefined for none) to gradients of the arguments (undefined for constants, and where nothing depends on one). May be pulled once.
 */
export function pullback(
  caller: string, base: Backend, ctx: Context, inputs: readonly PullbackInput[], fn: (args: readonly PullbackArgument[]) => readonly Tensor[],
): { outputs: readonly Tensor[]; depends: readonly boolean[]; pull(g: readonly (Tensor | undefined)[]): (Tensor | undefined)[] } {
  const family = new Family();
  const member = family.over(base, ctx);
  const handles = new Map<BackendTensor, Tracked>();
  const tracked = inputs.map(({ value, handle, variable }) => {
    const argument = variable ? member.variable(value) : new Tracked(value);
    const own = handle && new Tracked(value, argument.step, 0);
    if (own) handles.set(handle, own);
    return { argument, handle: own };
  });
  member.handles = handles;
  const args = tracked.map(({ argument, handle }) => ({ tensor: borrowTensor(member, argument, ctx), handle }));
  const levels: readonly Level[] = [...currentFrame().levels, member];
  const results = enter(caller, { levels }, () => fn(args));
  const seeds = (g: readonly (Tensor | undefined)[]): Seed[] => results.flatMap((y, k) => {
    const weight = g[k];
    const seed = weight && family.seed(y, weight);
    return seed ? [seed] : [];
  });
  return {
    outputs: results.map((y) => family.lower(y)),
    depends: results.map((y) => family.memberOf(y) !== undefined && family.seed(y, y) !== undefined),
    pull: (g) => {
      const found = walk(seeds(g), { caller, free: true });
      return tracked.map(({ argument: { step } }) => step && found.get(step)?.outputs[0]);
    },
  };
}
