import {
  type Attributes, type Backend, type BackendTensor, type Call, CallBackend, type Capabilities, type Cell, Context, type CustomRule, type DType, type Decorator, type Kind,
  type Level, type Shape, ShapeError, type StepOptions, type StepPull, type Tensor, type TypedArray, backendOf, borrowTensor, contextOf, currentFrame, enter, formatShape, innerOf, isFloat,
  liftTo, performKind, sameShape, storageOf, to, wrapTensor, wraps,
} from '@matheron/core-tensor';
import { type Pull, type Seed, Step, Tracked } from './graph.ts';
import { cast } from './rules/algebra.ts';
import { rules } from './rules/index.ts';
import type { Contribution, KindRule } from './rules/rule.ts';
import { WrittenCells } from './written-cells.ts';

/**
 * The decorators of one transformation over the backends it meets: one at first, more where tensors move to other contexts. Their
 * steps form one graph.
 */
export class Family {
  readonly #members = new WeakMap<Backend, Autodiff>();
  readonly #active: (() => boolean) | undefined;
  /** `active` says whether calls are recorded now; always, unless given. */
  constructor(active?: () => boolean) {
    this.#active = active;
  }
  get active(): boolean {
    return this.#active === undefined || this.#active();
  }
  /** The member above `inner`. */
  over(inner: Backend, ctx?: Context): Autodiff {
    let member = this.#members.get(inner);
    if (!member) this.#members.set(inner, (member = new Autodiff(inner, this, ctx)));
    return member;
  }
  /** The member that `x` lives on, if any. */
  memberOf(x: Tensor): Autodiff | undefined {
    const b = backendOf(x);
    return b instanceof Autodiff && b.family === this ? b : undefined;
  }
  /** `x` without this level: on the level below, history dropped. */
  lower(x: Tensor): Tensor {
    const member = this.memberOf(x);
    return member ? borrowTensor(member.inner, (storageOf(x) as Tracked).value, x.ctx) : x;
  }
  /** What starts a walk at `x`; undefined where it depends on no variable of this level. */
  seed(x: Tensor, gradient: Tensor): Seed | undefined {
    if (!this.memberOf(x)) return undefined;
    const { step, output } = storageOf(x) as Tracked;
    return step && { step, output, gradient };
  }
}

const valueOf = ({ value }: Tracked): BackendTensor => value;

/** A backend whose values remember how they came to be. Values and gradient rules are computed on `inner`. */
export class Autodiff extends CallBackend<Tracked> implements Decorator<Tracked> {
  readonly name: string;
  readonly inner: Backend;
  readonly family: Family;
  readonly capabilities: Capabilities;
  readonly readSync?: (x: Tracked) => TypedArray;
  /** Values of `inner` that stand for a variable here wherever they are met: see `pullback`. */
  handles: Map<BackendTensor, Tracked> | undefined;
  #ctx: Context | undefined;
  #written: WrittenCells | undefined;

  constructor(inner: Backend, family: Family, ctx?: Context) {
    super();
    this.name = `autodiff(${inner.name})`;
    this.inner = inner;
    this.family = family;
    this.capabilities = inner.capabilities;
    this.#ctx = ctx;
    if (inner.readSync) this.readSync = (x) => inner.readSync!(x.value);
  }
  /** The context of the tensors that rules see. */
  get ctx(): Context {
    return (this.#ctx ??= contextOf(this) ?? new Context(this.inner.name, 0, this.inner, { dtype: this.inner.supports('float64') ? 'float64' : 'float32' }));
  }
  supports(dtype: DType): boolean {
    return this.inner.supports(dtype);
  }
  lift(x: BackendTensor): Tracked {
    return this.handles?.get(x) ?? new Tracked(x);
  }
  upload(values: TypedArray, shape: Shape, dtype: DType): Tracked {
    return new Tracked(this.#own(this.inner.upload(values, shape, dtype)));
  }
  read(x: Tracked): Promise<TypedArray> {
    return this.inner.read(x.value);
  }
  /** Nothing: a recorded graph may need the value, which `scope` frees on its own. */
  dispose(): void {}
  detach(x: Tracked): BackendTensor {
    return x.value;
  }
  lower(x: Tracked): BackendTensor | undefined {
    return x.step ? undefined : x.value;
  }
  /** A new variable. */
  variable(x: BackendTensor): Tracked {
    return new Tracked(x, new Step(this, [], [x], undefined));
  }

  apply(call: Call<Tracked>): Tracked[] {
    const { kind, inputs, attributes } = call;
    const below = inputs.map(valueOf);
    const { inner } = this;
    // A decorator gets the call as it is.
    const values = inner instanceof CallBackend ? inner.apply({ kind, inputs: below, attributes } as Call<BackendTensor>) : performKind(inner, kind, below, attributes as Attributes[Kind]);
    for (let k = 0; k < values.length; k++) this.#own(values[k]!);
    const rule = rules[kind] as KindRule<Kind> | undefined;
    if (!rule || !this.#records(inputs)) return values.map((value) => new Tracked(value));
    return this.#record(inputs, values, (g, x, y) => rule(g, x, y, attributes));
  }

  /**
   * The output with the stated gradient. Where the level below differentiates too, it gets the rule as well, but what is kept stays an
   * ordinary function of the inputs there: as a constant, second derivatives would be silently wrong. Variables of this level that `forward`
   * closes over are differentiated as they are used.
   */
  custom(inputs: readonly Tracked[], rule: CustomRule): Tracked[] {
    const { inner, ctx } = this;
    const values = inputs.map((x) => x.value);
    if (inner instanceof Autodiff) inner.#ctx = ctx;
    const below = inner as Decorator;
    const stated = below.custom ? below.custom(values, rule)[0] : undefined;
    const records = this.#records(inputs);
    const run = (): Tensor[] => enter('customGradient', { levels: this.#levelsBelow() }, () => [...rule.forward(...values.map((v) => borrowTensor(inner, v, ctx)))]);
    const [output, ...kept] = run().map((t) => this.#upTo(t));
    const closed = backendOf(output!) === this ? (storageOf(output!) as Tracked) : undefined;
    const value = stated ?? closed?.value ?? liftTo(output!, inner);
    const closure = closed?.step ? [closed] : [];
    if (!records && closure.length === 0) return [new Tracked(value)];
    const saved = kept.map((t) => this.family.lower(t));
    return this.#record([...inputs, ...closure], [value], ([g], x, [y]) => {
      const own = x.slice(0, inputs.length);
      // On this level itself (createGraph), what is kept is computed anew, as a recorded function of the inputs.
      const anew = backendOf(y!) === this ? rule.forward(...own).slice(1) : saved;
      const stated = records ? rule.backward(g!, { inputs: own, output: y!, kept: anew }).map((gradient, k) => gradient && fit(gradient, own[k]!, k)) : own.map(() => undefined);
      return [...stated, ...closure.map(() => g!)];
    });
  }
  /** `x` without the levels above this one, which a stated forward may have closed over. */
  #upTo(x: Tensor): Tensor {
    let t = x;
    for (let b = backendOf(t); b instanceof Autodiff && !wraps(this, b); b = backendOf(t)) t = b.family.lower(t);
    return t;
  }

  transfer(x: Tensor, ctx: Context): Tensor | undefined {
    const member = this.family.memberOf(x);
    if (!member) return undefined;
    const tracked = storageOf(x) as Tracked;
    const moved = to(borrowTensor(member.inner, tracked.value, x.ctx), ctx);
    if (!this.#records([tracked])) return moved;
    const target = this.family.over(backendOf(moved), ctx);
    const [y] = target.#record([tracked], [storageOf(moved)], ([g]) => [() => to(g!, x.ctx)]);
    return wrapTensor(target, y!, ctx);
  }

  recordStep(inputs: readonly Tracked[], outputs: readonly BackendTensor[], pull: StepPull, options?: StepOptions): Tracked[] {
    for (const value of outputs) this.#own(value);
    return this.#records(inputs) ? this.#record(inputs, outputs, pull, options) : outputs.map((value) => new Tracked(value));
  }

  readCell(cell: Cell, value: Tensor): Tensor {
    const written = this.#written?.read(cell, value);
    if (written) return written;
    const handle = backendOf(value) === this.inner ? this.handles?.get(storageOf(value)) : undefined;
    return handle ? borrowTensor(this, handle, value.ctx) : value;
  }
  writeCell(cell: Cell, value: Tensor): Tensor {
    return (this.#written ??= new WrittenCells()).write(cell, value, this.family);
  }

  #records(inputs: readonly Tracked[]): boolean {
    for (let k = 0; k < inputs.length; k++) if (inputs[k]!.step) return this.family.active;
    return false;
  }
  #record(inputs: readonly Tracked[], values: readonly BackendTensor[], pull: Pull, options?: StepOptions): Tracked[] {
    let step: Step | undefined;
    return values.map((value, k) => (isFloat(value.dtype) ? new Tracked(value, (step ??= new Step(this, inputs, values, pull, options)), k) : new Tracked(value)));
  }
  /** Hands a value of the base to the running `scope`: the tensor around it here doesn't free it. */
  #own(value: BackendTensor): BackendTensor {
    if (currentFrame().scope && !innerOf(this.inner)) wrapTensor(this.inner, value, this.ctx);
    return value;
  }
  /** The running levels below this one: where a stated forward runs, which is to see this level's values as they are below. */
  #levelsBelow(): readonly Level[] {
    const { levels } = currentFrame();
    const mine = (k: number): boolean => (levels[k] as { family?: Family } | undefined)?.family === this.family;
    let k = levels.length - 1;
    while (k >= 0 && !mine(k)) k--;
    while (k > 0 && mine(k - 1)) k--;
    return k < 0 ? levels : levels.slice(0, k);
  }
}

/** The gradient a stated rule returned, checked against its input. */
function fit(gradient: Tensor, x: Tensor, k: number): Contribution {
  if (!sameShape(gradient.shape, x.shape)) {
    throw new ShapeError('customGradient', `customGradient: backward gave a gradient of shape ${formatShape(gradient.shape)} for input ${k} of shape ${formatShape(x.shape)}; return one of the input's shape, or undefined`, {
      expected: formatShape(x.shape),
      actual: [gradient.shape],
    });
  }
  return cast(gradient, x.dtype);
}

/**
 * A backend that differentiates: operations on its tensors are computed on `inner` and recorded. `grad` and its kin stack it by
 * themselves; alone it serves to run a test suite on, and as the base of further decorators.
 */
export function autodiff(inner: Backend): Decorator {
  return new Family().over(inner);
}
