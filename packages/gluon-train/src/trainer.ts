import { Cell, type Context, RowSparseTensor, type Tensor, isFloat } from '@matheron/core-tensor';
import { ArgumentError, type Copy, DeferredInitializationError, type FileSource, Parameter, ParameterDict, RowGradient, StaleGradientError, UninitializedParameterError, loadTensors, saveTensors } from '@matheron/gluon-params';
import { FusedUpdates, type WeightUpdate } from './optimizer/fused.ts';
import { Optimizer, partsOf } from './optimizer/optimizer.ts';
import { type Options, create, nameOf } from './optimizer/registry.ts';

/** What a Trainer takes beside its optimizer. */
export interface TrainerOptions {
  /** Whether one update on the first context is copied to the others; true where there are several. */
  updateOnKvstore?: boolean;
}
/** An optimizer, or a name with the options of that name. */
export type OptimizerArguments =
  | [optimizer: Optimizer, params?: undefined, options?: TrainerOptions]
  | { [N in keyof Options]: [name: N, params?: Options[N], options?: TrainerOptions] }[keyof Options];

/**
 * Applies an optimizer to parameters after `backward`: gradients are summed over contexts, divided by the batch size, and the weights
 * updated. A dictionary's parameters go in the order of their names.
 */
export class Trainer {
  readonly optimizer: Optimizer;
  readonly #params: readonly Parameter[];
  #contexts: readonly Context[];
  readonly #baseScale: number;
  readonly #updateOnStore: boolean;
  readonly #fused: FusedUpdates;
  /** By slot: parameter, and context where each is updated on its own. */
  #states = new Map<number, Cell[]>();
  /** Data that was set from outside since: with one update for all contexts, the states start anew. */
  #replacements = 0;

  constructor(params: ParameterDict | Iterable<Parameter>, ...optimizer: OptimizerArguments) {
    this.#params = listed(params);
    const [first, settings, options = {}] = optimizer;
    if (first instanceof Optimizer) {
      if (settings !== undefined) throw new ArgumentError('params', settings, 'no settings beside an optimizer instance; give them to its constructor');
      this.optimizer = first;
    } else this.optimizer = create(first, settings as never);
    this.#fused = new FusedUpdates(this.optimizer);
    this.#contexts = commonContexts(this.#params);
    const several = this.#contexts.length > 1;
    if (options.updateOnKvstore === true && !several) throw new ArgumentError('updateOnKvstore', true, 'parameters on several contexts');
    if (options.updateOnKvstore === false && several && this.#params.some((p) => p.stype !== 'default')) {
      throw new ArgumentError('updateOnKvstore', false, 'true for sparse parameters: their copies are rows of one');
    }
    this.#updateOnStore = options.updateOnKvstore ?? several;
    this.#baseScale = this.optimizer.rescaleGrad;
    this.#replacements = this.#countReplacements();
    const slots = Math.max(1, this.#contexts.length);
    this.#params.forEach((p, k) => {
      for (let c = 0; c < slots; c++) this.optimizer.setMultipliers(c * this.#params.length + k, p);
    });
  }

  /** The present rate. Setting it under a schedule is an ArgumentError: change the schedule instead. */
  get learningRate(): number {
    return this.optimizer.currentRate;
  }
  set learningRate(value: number) {
    if (typeof this.optimizer.learningRate === 'function') throw new ArgumentError('learningRate', value, 'no number while a schedule gives the rate; set optimizer.learningRate to another schedule');
    this.optimizer.learningRate = value;
  }

  /**
   * One step: sums gradients over contexts, then updates. `batchSize` divides the gradients. StaleGradientError for a gradient that backward
   * has not written since the last step, unless `ignoreStaleGrad`, which leaves that parameter alone.
   */
  step(batchSize: number, options: { ignoreStaleGrad?: boolean } = {}): void {
    this.#scale(batchSize);
    this.#check(options.ignoreStaleGrad ?? false);
    this.#reduce();
    this.#update();
  }
  /** Sums gradients over contexts, for `update` to use: between them gradients may be changed. */
  allreduceGrads(): void {
    this.#refuseOnStore('allreduceGrads');
    this.#reduce();
  }
  /** Updates from gradients that `allreduceGrads` has summed. */
  update(batchSize: number, options: { ignoreStaleGrad?: boolean } = {}): void {
    this.#refuseOnStore('update');
    this.#scale(batchSize);
    this.#check(options.ignoreStaleGrad ?? false);
    this.#update();
  }
  #refuseOnStore(method: string): void {
    if (this.#updateOnStore) throw new ArgumentError('updateOnKvstore', true, `false for ${method}; step() does both`);
  }
  #scale(batchSize: number): void {
    if (!(batchSize > 0)) throw new ArgumentError('batchSize', batchSize, 'a positive number');
    this.optimizer.rescaleGrad = this.#baseScale / batchSize;
  }
  #trained(): [Parameter, number][] {
    return this.#params.map((p, k): [Parameter, number] => [p, k]).filter(([p]) => p.gradReq !== 'null');
  }
  #skipped = new Set<Copy>();
  #check(ignoreStale: boolean): void {
    this.#skipped.clear();
    for (const [p] of this.#trained()) {
      if (p.deferred) throw new DeferredInitializationError(p.name, `${p.name} still waits for its shape at the first step; run every branch of the model once, or set its gradReq to 'null'`);
    }
    if (this.#params.some((p) => p.initialized && (p.copies.length !== this.#contexts.length || p.copies.some((copy, c) => copy.ctx !== this.#contexts[c])))) this.#follow();
    for (const [p] of this.#trained()) {
      for (const copy of p.copies) {
        if (copy.fresh) continue;
        if (!ignoreStale) throw new StaleGradientError(p.name, String(copy.ctx));
        this.#skipped.add(copy);
      }
    }
  }
  /** Parameters that were moved since keep their states. ArgumentError where they are on more or fewer contexts now. */
  #follow(): void {
    const now = commonContexts(this.#params);
    if (now.length !== this.#contexts.length) {
      throw new ArgumentError('params', `parameters on ${now.join(', ')}`, `as many contexts as when the Trainer was made, ${this.#contexts.join(', ')}; make a new one: saveStates and loadStates carry its states over`);
    }
    this.#contexts = now;
  }
  #reduce(): void {
    if (this.#contexts.length < 2) return;
    for (const [p] of this.#trained()) {
      const [first, ...others] = p.copies;
      const sum = others.reduce((total, copy) => sumGradients(total, gradientOf(copy), first!.ctx), gradientOf(first!));
      for (const copy of p.copies) putGradient(copy, sum);
    }
  }
  #update(): void {
    const replacements = this.#countReplacements();
    if (this.#updateOnStore && replacements !== this.#replacements) this.#states.clear();
    this.#replacements = replacements;
    const updates: WeightUpdate[] = [];
    const add = (slot: number, copy: Copy): void => {
      const state = this.#state(slot, copy), { data, gradient } = copy;
      if (gradient instanceof RowGradient) this.optimizer.update(slot, data, gradient.rows(), state);
      else updates.push({ index: slot, weight: data, gradient: gradient!, state });
    };
    const trained = this.#trained().filter(([p]) => p.copies.some((copy) => !this.#skipped.has(copy)));
    for (const [p, k] of trained) {
      if (this.#updateOnStore) add(k, p.copies[0]!);
      else p.copies.forEach((copy, c) => void (this.#skipped.has(copy) || add(c * this.#params.length + k, copy)));
    }
    for (const { index, weight, gradient, state } of this.#fused.run(updates)) this.optimizer.update(index, weight, gradient.peek(), state);
    for (const [p] of trained) {
      const [first, ...others] = p.copies;
      if (this.#updateOnStore) for (const copy of others) copy.data.write(first!.data.peek().to(copy.ctx));
      for (const copy of p.copies) copy.settle();
    }
  }
  #state(slot: number, copy: Copy): Cell[] {
    let state = this.#states.get(slot);
    if (!state) this.#states.set(slot, (state = this.optimizer.createState(copy.data.peek())));
    const { ctx, dtype } = copy.data.borrow();
    for (const cell of state) {
      // The weight was cast or moved.
      const own = cell.borrow();
      if (own.ctx !== ctx || (own.dtype !== dtype && isFloat(own.dtype))) cell.write(own.to(ctx).astype(isFloat(own.dtype) ? dtype : own.dtype));
    }
    return state;
  }
  #countReplacements(): number {
    return this.#params.reduce((n, p) => n + p.replacements, 0);
  }

  /** Writes the optimizer's states and settings. */
  async saveStates(file: string): Promise<void> {
    const { tensors, metadata } = this.exportStates();
    await saveTensors(file, tensors, { metadata });
  }
  /** The optimizer's states by slot, and its settings and counts as text: what {@link saveStates} writes. */
  exportStates(): { tensors: Record<string, Tensor>; metadata: Record<string, string> } {
    const tensors: Record<string, Tensor> = {};
    for (const [slot, cells] of this.#states) cells.forEach((cell, k) => (tensors[`state.${slot}.${k}`] = cell.peek()));
    const { learningRate } = this.optimizer;
    const settings = Object.fromEntries(Object.entries(this.optimizer).filter(([, v]) => ['number', 'boolean', 'string'].includes(typeof v)));
    return {
      tensors,
      metadata: {
        format: 'matheron-trainer/1',
        optimizer: nameOf(this.optimizer),
        slots: JSON.stringify([...this.#states].map(([slot, cells]) => [slot, cells.length])),
        counts: JSON.stringify([...this.optimizer.counts]),
        rates: JSON.stringify([...partsOf(this.optimizer).rates]),
        settings: JSON.stringify(typeof learningRate === 'number' ? { ...settings, learningRate } : settings),
      },
    };
  }
  /** Restores what {@link saveStates} wrote: states, settings (the rate included) and counts. ArgumentError for another optimizer's file. */
  async loadStates(source: FileSource): Promise<void> {
    this.importStates(await loadTensors(source));
  }
  /** Restores what {@link exportStates} gave. */
  importStates({ tensors, metadata }: { tensors: Readonly<Record<string, Tensor>>; metadata: Readonly<Record<string, string>> }): void {
    const name = nameOf(this.optimizer);
    if (metadata['format'] !== 'matheron-trainer/1' || metadata['optimizer'] !== name) {
      throw new ArgumentError('source', `a file of ${metadata['optimizer'] ?? metadata['format'] ?? 'another kind'}`, `the states of a trainer with ${name}`);
    }
    const states = new Map<number, Cell[]>();
    for (const [slot, length] of JSON.parse(metadata['slots']!) as [number, number][]) {
      const copy = this.#copyOf(slot);
      states.set(slot, Array.from({ length }, (_, k) => new Cell(required(tensors, `state.${slot}.${k}`).to(copy.ctx))));
    }
    this.#states = states;
    const { learningRate, numUpdate: _, ...settings } = JSON.parse(metadata['settings']!) as Record<string, unknown>;
    Object.assign(this.optimizer, settings);
    if (typeof learningRate === 'number') this.optimizer.learningRate = learningRate;
    this.optimizer.counts = new Map(JSON.parse(metadata['counts']!) as [number, number][]);
    const { rates } = partsOf(this.optimizer);
    rates.clear();
    for (const [slot, rate] of JSON.parse(metadata['rates'] ?? '[]') as [number, number][]) rates.set(slot, rate);
  }
  #copyOf(slot: number): Copy {
    const n = this.#params.length;
    const copy = this.#params[slot % n]?.copies[Math.floor(slot / n)];
    if (!copy) throw new ArgumentError('source', `a state of slot ${slot}`, `states of these ${n} parameters on ${this.#contexts.length} contexts`);
    return copy;
  }
}

function listed(params: unknown): readonly Parameter[] {
  if (params instanceof ParameterDict) return [...params].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, p]) => p);
  if (typeof params !== 'object' || params === null || !(Symbol.iterator in params)) throw new ArgumentError('params', params, 'a ParameterDict or a list of parameters');
  const list = [...(params as Iterable<unknown>)];
  const stranger = list.find((p) => !(p instanceof Parameter));
  if (stranger !== undefined) throw new ArgumentError('params', stranger, 'parameters only');
  return list as Parameter[];
}

function commonContexts(params: readonly Parameter[]): readonly Context[] {
  let common: readonly Context[] | undefined;
  for (const p of params) {
    if (!p.initialized && !p.deferred) throw new UninitializedParameterError(p.name, `${p.name} has not been initialized; call initialize before making a Trainer`);
    const own = p.listCtx();
    if (common && (own.length !== common.length || own.some((ctx, k) => ctx !== common![k]))) {
      throw new ArgumentError('params', `${p.name} on ${own.join(', ')}, ${params[0]!.name} on ${common.join(', ')}`, 'parameters on the same contexts, in the same order');
    }
    common ??= own;
  }
  return common ?? [];
}

function gradientOf(copy: Copy): Tensor | RowSparseTensor {
  const { gradient } = copy;
  return gradient instanceof RowGradient ? gradient.rows() : gradient!.peek();
}
function sumGradients(a: Tensor | RowSparseTensor, b: Tensor | RowSparseTensor, ctx: Context): Tensor | RowSparseTensor {
  if (a instanceof RowSparseTensor) return b instanceof RowSparseTensor ? a.add(moved(b, ctx)) : a.toDense().add(b.to(ctx));
  return a.add(b instanceof RowSparseTensor ? moved(b, ctx).toDense() : b.to(ctx));
}
function moved(x: RowSparseTensor, ctx: Context): RowSparseTensor {
  return new RowSparseTensor(x.values.to(ctx), x.indices.to(ctx), x.shape);
}
function putGradient(copy: Copy, sum: Tensor | RowSparseTensor): void {
  const { gradient, fresh } = copy;
  if (gradient instanceof RowGradient) gradient.replace(sum instanceof RowSparseTensor ? moved(sum, copy.ctx) : sum.to(copy.ctx));
  else gradient!.replace((sum instanceof RowSparseTensor ? sum.toDense() : sum).to(copy.ctx));
  // Freshness says what backward did, not what was summed here.
  if (!fresh) copy.settle();
}
function required(tensors: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const found = tensors[name];
  if (!found) throw new ArgumentError('source', `a file without ${name}`, 'a complete file');
  return found;
}
