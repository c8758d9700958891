import type { Backend, BackendTensor } from './backend.ts';
import { type Attributes, type Kind, performKind } from './call.ts';
import type { Cell } from './cell.ts';
import type { Context } from './context.ts';
import { ContextError } from './errors.ts';
import { currentFrame } from './stack.ts';
import { type Tensor, backendOf, storageOf, wrapTensor } from './tensor.ts';

/** A gradient that is stated: see `customGradient`. */
export interface CustomRule {
  /** The output, then what `backward` wants kept. */
  forward(...x: Tensor[]): readonly [output: Tensor, ...kept: Tensor[]];
  /** One gradient an input, undefined for none. */
  backward(gradient: Tensor, saved: { readonly inputs: readonly Tensor[]; readonly output: Tensor; readonly kept: readonly Tensor[] }): readonly (Tensor | undefined)[];
}

/** What stands in `Frame.levels`: a running decorator, or a family of them over several contexts (Gluon's tape). */
export interface Level {
  /** For a family: its decorator above `b`, or undefined where it has none to offer. Absent on a decorator, which stands for itself. */
  decoratorOver?(b: Backend): Decorator | undefined;
  /** True where creation functions should make their values here, not on the base (a trace captures them as constants). */
  readonly capturesCreation?: boolean;
  /** Takes part in moving `x` to another context; undefined where the tensor is not this decorator's. */
  transfer?(x: Tensor, ctx: Context): Tensor | undefined;
  /** Sees a Cell being read: `value` is what the level below gave. Returns what the reader gets. */
  readCell?(cell: Cell, value: Tensor): Tensor;
  /** Sees a Cell being written. Returns the value to hand to the level below, or undefined where the write ends here. */
  writeCell?(cell: Cell, value: Tensor): Tensor | undefined;
}

/**
 * A backend that wraps a backend: `autodiff(cpu)`, `tracing(wasm)`. Decorators are contagious: an operation on tensors of
 * `inner` and of the decorator runs on the decorator, the plain ones lifted.
 */
export interface Decorator<T extends BackendTensor = BackendTensor> extends Backend<T>, Level {
  readonly inner: Backend;
  /** A value of `inner` as a constant here. */
  lift(x: BackendTensor): T;
  /** A decorator that gives gradients their own meaning takes this; others run `forward` as it stands. Outputs: the result, then the kept ones. */
  custom?(inputs: readonly T[], rule: CustomRule): T[];
  /** The value of `inner` behind a value of this one, history dropped; undefined where there is none to give (a traced value). */
  detach?(x: T): BackendTensor | undefined;
  /** The value of `inner` behind a value that carries no history here; undefined for one that does. */
  lower?(x: T): BackendTensor | undefined;
  /**
   * Records a step that was computed elsewhere, with several outputs: values of `inner`, and how gradients of the outputs (undefined where nothing
   * depends on one) become gradients of the inputs.
   */
  recordStep?(inputs: readonly T[], outputs: readonly BackendTensor[], pull: StepPull, options?: StepOptions): T[];
  /** Takes an effect of a backward pass that concerns a value of this decorator (a trace: the effect becomes outputs of the compiled function). */
  deferEffect?(effect: () => void): void;
}

/** More of a step that was computed elsewhere. */
export interface StepOptions {
  /** `pull` makes each gradient anew and keeps none; false. */
  readonly fresh?: boolean;
  /** Hears of the end of the step: `pull` won't be called any more, and the values are let go. */
  readonly onFree?: () => void;
}

/** From gradients of the outputs, inputs and outputs, all on one level, to gradients of the inputs. */
export type StepPull = (g: readonly (Tensor | undefined)[], x: readonly Tensor[], y: readonly Tensor[]) => readonly (Tensor | undefined)[];

/** `b.inner`, where `b` is a decorator. */
export function innerOf(b: Backend): Backend | undefined {
  return (b as Partial<Decorator>).inner;
}

/** Whether `outer` is `b` or wraps it, at any depth. */
export function wraps(outer: Backend, b: Backend): boolean {
  for (let x: Backend | undefined = outer; x; x = innerOf(x)) if (x === b) return true;
  return false;
}

/** The one backend among the tensors' that wraps all the others; ContextError where there is none. */
export function outermost(tensors: readonly Tensor[]): Backend {
  let best = backendOf(tensors[0]!);
  for (let k = 1; k < tensors.length; k++) {
    const b = backendOf(tensors[k]!);
    if (b === best || wraps(best, b)) continue;
    if (!wraps(b, best)) throw unrelated(tensors, best, b);
    best = b;
  }
  return best;
}

function unrelated(tensors: readonly Tensor[], a: Backend, b: Backend): ContextError {
  const names = [...new Set(tensors.map((t) => String(t.ctx)))];
  return names.length > 1
    ? unmixed('', names)
    : new ContextError(`tensors of unrelated transformations ${a.name} and ${b.name} meet; return values from a transformation, don't keep them`, [a.name, b.name]);
}

/** The error of tensors that live on several contexts; `op` begins the message. */
export function unmixed(op: string, names: readonly string[]): ContextError {
  return new ContextError(`${op}tensors of ${names.join(' and ')} don't mix; move one with x.to(ctx)`, names);
}

/** The storage of `x` on `b`, which is its backend or wraps it. */
export function liftTo(x: Tensor, b: Backend): BackendTensor {
  const own = backendOf(x);
  return own === b ? storageOf(x) : lift(storageOf(x), own, b);
}
function lift(storage: BackendTensor, from: Backend, to: Backend): BackendTensor {
  const { inner } = to as Decorator;
  return (to as Decorator).lift(inner === from ? storage : lift(storage, from, inner));
}

/** Performs one call on tensors, on the outermost of their backends. Arguments are checked already. */
export function run<K extends Kind>(kind: K, inputs: readonly Tensor[], attributes: Attributes[K]): Tensor[] {
  const first = inputs[0]!;
  const b = inputs.length === 1 ? backendOf(first) : outermost(inputs);
  const { ctx } = first;
  return performKind(b, kind, inputs.map((t) => liftTo(t, b)), attributes).map((storage) => wrapTensor(b, storage, ctx));
}
/** `run` for kinds with one output. */
export function run1<K extends Kind>(kind: K, inputs: readonly Tensor[], attributes: Attributes[K]): Tensor {
  const first = inputs[0]!;
  const b = outermost(inputs), storages = [liftTo(first, b)];
  for (let k = 1; k < inputs.length; k++) storages.push(liftTo(inputs[k]!, b));
  return wrapTensor(b, performKind(b, kind, storages, attributes)[0]!, first.ctx);
}

/** Where creation functions make values for `ctx`: the outermost running trace on it, else its own backend. */
export function creationBackend(ctx: Context): Backend {
  const { levels } = currentFrame();
  for (let k = levels.length - 1; k >= 0; k--) {
    const level = levels[k]!;
    if (level.capturesCreation && wraps(level as Decorator, ctx.backend)) return level as Decorator;
  }
  return ctx.backend;
}

/** Performs a call without tensor inputs (full, iota) for `ctx`. */
export function create<K extends 'full' | 'iota'>(kind: K, ctx: Context, attributes: Attributes[K]): Tensor {
  const b = creationBackend(ctx);
  return wrapTensor(b, performKind(b, kind, [], attributes)[0]!, ctx);
}

/**
 * The level a new transformation stacks upon: the outermost running one that wraps the tensors' backends (so that a closure
 * over a tracked tensor nests instead of meeting a sibling), else their own outermost. Without tensors, that of `ctx`.
 */
export function currentLevel(tensors: readonly Tensor[], ctx: Context): Backend {
  const own = tensors.length > 0 ? outermost(tensors) : ctx.backend;
  const { levels } = currentFrame();
  for (let k = levels.length - 1; k >= 0; k--) {
    const level = levels[k]!;
    const decorator = level.decoratorOver ? level.decoratorOver(own) : (level as Decorator);
    if (decorator && wraps(decorator, own)) return decorator;
  }
  return own;
}

/**
 * A function with a gradient of its own. `forward` returns the output and what `backward` wants kept; `backward` gets the
 * gradient of the output, the inputs, the output and the kept tensors, and returns one gradient an input (undefined for none). Under
 * nested differentiation kept tensors remain ordinary differentiable functions of the inputs.
 * The inputs must be tensors here; `customGradient` of autograd accepts everything TensorLike.
 */
export function applyCustomRule(inputs: readonly Tensor[], rule: CustomRule): Tensor {
  const b = outermost(inputs);
  const decorator = b as Decorator;
  if (!decorator.custom) return rule.forward(...inputs)[0];
  const [output] = decorator.custom(inputs.map((t) => liftTo(t, b)), rule);
  return wrapTensor(b, output!, inputs[0]!.ctx);
}
