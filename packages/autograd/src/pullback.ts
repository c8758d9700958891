import { type Backend, type BackendTensor, type Context, type Level, type Tensor, borrowTensor, currentFrame, enter } from '@matheron/core-tensor';
import { Family } from './autodiff.ts';
import { type Seed, Tracked, walk } from './graph.ts';

/** A value to differentiate with respect to. `handle` is another object for the same value: where it is lifted, or a Cell gives it, the variable is meant. */
export interface PullbackVariable {
  readonly value: BackendTensor;
  readonly handle: BackendTensor | undefined;
}
/** What `fn` of `pullback` gets for a variable: the tensor, and the handle that stands for it above. */
export interface PullbackArgument {
  readonly tensor: Tensor;
  readonly handle: BackendTensor | undefined;
}

/**
 * For compilers: runs `fn` on variables of a level above `base`, and gives its results without history, with a pullback from gradients of
 * the results (undefined for none) to gradients of the variables (undefined where nothing depends on one). May be pulled once.
 */
export function pullback(
  caller: string, base: Backend, ctx: Context, variables: readonly PullbackVariable[], fn: (args: readonly PullbackArgument[]) => readonly Tensor[],
): { outputs: readonly Tensor[]; depends: readonly boolean[]; pull(g: readonly (Tensor | undefined)[]): (Tensor | undefined)[] } {
  const family = new Family();
  const member = family.over(base, ctx);
  const handles = new Map<BackendTensor, Tracked>();
  const tracked = variables.map(({ value, handle }) => {
    const variable = member.variable(value);
    const own = handle && new Tracked(value, variable.step, 0);
    if (own) handles.set(handle, own);
    return { variable, handle: own };
  });
  member.handles = handles;
  const args = tracked.map(({ variable, handle }) => ({ tensor: borrowTensor(member, variable, ctx), handle }));
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
      return tracked.map(({ variable }) => found.get(variable.step!)?.outputs[0]);
    },
  };
}
