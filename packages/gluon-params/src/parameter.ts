import type { GradReq } from '@matheron/autograd';
import { Context, CsrTensor, type DType, RowSparseTensor, type Shape, Tensor, type TensorLike, asTensor, currentContext, enter, isFloat, take, tensor, warn } from '@matheron/core-tensor';
import { Copy } from './copies.ts';
import { GluonError } from '@matheron/io';
import { ArgumentError, DeferredInitializationError, IncompatibleParameterError, UninitializedParameterError } from './errors.ts';
import { Uniform } from './init/random.ts';
import { type InitLike, Initializer } from './init/initializer.ts';
import { resolveInit } from './init/registry.ts';
import { RowGradient } from './row-gradient.ts';
import { isKnown, printShape, refines } from './shapes.ts';
import { denseValue } from './sparse-values.ts';
import { substitutedData } from './substitute.ts';

/** How a parameter or its gradient is stored. */
export type StorageType = 'default' | 'row_sparse' | 'csr';
/** One context, or several for a copy on each. */
export type Contexts = Context | readonly Context[];

/** The attributes of a parameter. */
export interface ParameterOptions {
  /** 'write': each backward overwrites the gradient; 'add': it accumulates until `zeroGrad`; 'null': none. */
  gradReq?: GradReq;
  /** Dimensions; 0 and -1 are unknown ones. A number is a vector's length. */
  shape?: number | Shape;
  /** The default dtype of the context it is initialized on (float64 but on float32-only engines). */
  dtype?: DType;
  /** Multiplies the learning rate; 1. */
  lrMult?: number;
  /** Multiplies the weight decay; 1. */
  wdMult?: number;
  init?: InitLike;
  /** Whether `initialize` may wait for the first forward to learn unknown dimensions; false. */
  allowDeferredInit?: boolean;
  /** false fixes gradReq to 'null' for good. */
  differentiable?: boolean;
  stype?: StorageType;
  gradStype?: StorageType;
}

/** What `initialize` takes. */
export interface InitializeOptions {
  init?: InitLike;
  /** The current context unless given. */
  ctx?: Contexts;
  /** Replaces data that is there already. */
  forceReinit?: boolean;
}

/** What loading takes. */
export interface LoadOptions {
  ctx?: Contexts;
  /** Names that the file lacks are left as they are; false. */
  allowMissing?: boolean;
  /** Names that the model lacks are ignored; false. */
  ignoreExtra?: boolean;
  /** Whether another dtype is converted rather than refused; false. */
  castDtype?: boolean;
  /** Which dtype wins where they differ; 'current'. */
  dtypeSource?: 'current' | 'saved';
}

type DataOptions = Pick<LoadOptions, 'ctx' | 'castDtype' | 'dtypeSource'>;
interface Pending {
  readonly init: InitLike;
  readonly ctxs: readonly Context[];
  readonly data?: Tensor;
}

const gradReqs: readonly GradReq[] = ['write', 'add', 'null'];
const dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];
const storageTypes: readonly StorageType[] = ['default', 'row_sparse', 'csr'];

/** The contexts meant: those given, else the current one. */
export function contextsOf(ctx: Contexts | undefined): readonly Context[] {
  if (ctx === undefined) return [currentContext()];
  const list = Array.isArray(ctx) ? (ctx as readonly Context[]) : [ctx as Context];
  if (list.length === 0) throw new ArgumentError('ctx', '[]', 'at least one context');
  const stranger = list.find((c) => !(c instanceof Context));
  if (stranger !== undefined) throw new ArgumentError('ctx', stranger, 'a context, such as cpu() or wasm(), or a list of them');
  // A context that is named twice has one copy.
  return [...new Set(list)];
}

/** Refuses an initializer or a context in place of the options that hold it: none of its properties is one, so it would count for nothing. */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options instanceof Initializer || options instanceof Context) {
    throw new ArgumentError('initialize', options, "an object of options, such as { init: 'xavier', ctx: cpu() }");
  }
}

/**
 * A named, trainable array with a copy and a gradient on each of its contexts. It has no data before `initialize`, which waits for
 * unknown dimensions where `allowDeferredInit` is set; until then `data` throws UninitializedParameterError.
 */
export class Parameter {
  readonly name: string;
  lrMult: number;
  wdMult: number;
  init: InitLike | undefined;
  readonly allowDeferredInit: boolean;
  readonly differentiable: boolean;
  readonly stype: StorageType;
  readonly gradStype: StorageType;
  #gradReq: GradReq;
  #shape: Shape | undefined;
  #dtype: DType | undefined;
  #copies: Copy[] | undefined;
  #pending: Pending | undefined;
  #pattern: CsrTensor | undefined;
  #replacements = 0;

  constructor(name: string, options: ParameterOptions = {}) {
    if (typeof name !== 'string') throw new ArgumentError('name', name, 'a string');
    this.name = name;
    this.lrMult = options.lrMult ?? 1;
    this.wdMult = options.wdMult ?? 1;
    this.init = options.init;
    this.allowDeferredInit = options.allowDeferredInit ?? false;
    this.differentiable = options.differentiable ?? true;
    this.stype = checked('stype', options.stype ?? 'default', storageTypes);
    this.gradStype = checked('gradStype', options.gradStype ?? 'default', storageTypes);
    this.#shape = typeof options.shape === 'number' ? [options.shape] : options.shape;
    this.#dtype = options.dtype === undefined ? undefined : checked('dtype', options.dtype, dtypes);
    this.#gradReq = this.differentiable ? checked('gradReq', options.gradReq ?? 'write', gradReqs) : 'null';
  }

  get gradReq(): GradReq {
    return this.#gradReq;
  }
  /** Another value makes new gradients of zeros, or drops them ('null'). Always 'null' where not `differentiable`. */
  set gradReq(value: GradReq) {
    checked('gradReq', value, gradReqs);
    const next = this.differentiable ? value : 'null';
    if (next === this.#gradReq) return;
    this.#gradReq = next;
    for (const copy of this.#copies ?? []) this.#mark(copy);
  }
  /** Dimensions, 0 or -1 where unknown; undefined where not even the rank is known. */
  get shape(): Shape | undefined {
    return this.#shape;
  }
  /** Fills in unknown dimensions. IncompatibleParameterError where rank or a known dimension differs. Does not end a deferred initialization. */
  set shape(shape: Shape | undefined) {
    if (this.#shape !== undefined && (shape === undefined || !refines(this.#shape, shape))) {
      throw new IncompatibleParameterError(
        this.name,
        `${this.name}: the shape ${printShape(shape)} does not fit its shape ${printShape(this.#shape)}; unknown dimensions (0 or -1) may be filled in, known ones stay`,
        printShape(this.#shape),
        printShape(shape),
      );
    }
    this.#shape = shape;
  }
  /** The dtype of its data; before there is any, the one given, else float64. */
  get dtype(): DType {
    return this.#dtype ?? 'float64';
  }
  set dtype(dtype: DType) {
    this.cast(dtype);
  }
  /** Whether it has data. */
  get initialized(): boolean {
    return this.#copies !== undefined;
  }
  /** Whether it waits for its shape. */
  get deferred(): boolean {
    return this.#pending !== undefined;
  }
  /** How often `setData` or a file has replaced the data. */
  get replacements(): number {
    return this.#replacements;
  }
  /** Data and gradient by context: for trainers and compilers. UninitializedParameterError before there is data. */
  get copies(): readonly Copy[] {
    return this.#required();
  }

  /**
   * Makes data on every context: one set of values by `init`, else the parameter's own `init`, else `defaultInit` (U(−0.07, 0.07)), and
   * gradients of zeros. Waits where the shape is unknown and `allowDeferredInit`; ArgumentError where it may not. A second call warns and does
   * nothing unless `forceReinit`.
   */
  initialize(options: InitializeOptions & { defaultInit?: InitLike } = {}): void {
    checkOptions(options);
    if (this.#copies && !options.forceReinit) {
      warn('already-initialized', `${this.name} is already initialized, ignoring; pass { forceReinit: true } to initialize it anew`);
      return;
    }
    const ctxs = contextsOf(options.ctx);
    const init = this.chooseInit(options.init, options.defaultInit);
    if (!isKnown(this.#shape) && !this.allowDeferredInit) {
      throw new ArgumentError('shape', `${this.name} with shape ${printShape(this.#shape)}`, 'known dimensions, or { allowDeferredInit: true } to learn them at the first forward');
    }
    this.#clear();
    this.#pending = { init, ctxs };
    if (isKnown(this.#shape)) this.finishDeferredInit();
  }
  /** Which initializer counts. */
  protected chooseInit(init: InitLike | undefined, defaultInit: InitLike | undefined): InitLike {
    return init ?? this.init ?? defaultInit ?? new Uniform();
  }
  /** Ends a deferred initialization once the shape is known: blocks call it. DeferredInitializationError where it is not. */
  finishDeferredInit(): void {
    const pending = this.#pending;
    if (!pending) return;
    const shape = this.#shape;
    if (!isKnown(shape)) throw this.#deferredError();
    const { init, ctxs, data } = pending;
    const dtype = (this.#dtype ??= ctxs[0]!.dtype);
    // Outside of what is running: a trace or a tape must not take the first values for constants of its own.
    enter('Parameter.initialize', { levels: [], recording: false, context: ctxs[0]! }, () => {
      const values = data ? data.to(ctxs[0]!).astype(dtype) : resolveInit(init)(this.name, shape, dtype);
      this.#adopt(values, ctxs);
    });
    this.#pending = undefined;
  }
  #adopt(values: Tensor, ctxs: readonly Context[]): void {
    this.#pattern = undefined;
    this.#copies = ctxs.map((ctx) => new Copy(ctx, values.to(ctx)));
    for (const copy of this.#copies) this.#mark(copy);
  }
  #mark(copy: Copy): void {
    copy.mark(isFloat(copy.data.peek().dtype) ? this.#gradReq : 'null', this.gradStype === 'row_sparse');
  }
  #clear(): void {
    for (const copy of this.#copies ?? []) copy.mark('null', false);
    this.#copies = undefined;
  }

  /** The data on `ctx`; without `ctx` the only copy, or that on the current context. */
  data(ctx?: Context): Tensor {
    const given = substitutedData(this);
    if (given) return given;
    const copy = this.#copy(ctx);
    if (this.stype !== 'default') throw this.#sparseError('data');
    return copy.data.read();
  }
  /** The data on every context. */
  listData(): Tensor[] {
    const copies = this.#required();
    if (this.stype !== 'default') throw this.#sparseError('listData');
    return copies.map((copy) => copy.data.read());
  }
  /** The gradient on `ctx`, as {@link data} chooses it. GluonError (code 'no-gradient') where gradReq is 'null'. */
  grad(ctx?: Context): Tensor {
    return this.#gradient(this.#copy(ctx)).read();
  }
  /** The gradient on every context. */
  listGrad(): Tensor[] {
    return this.#required().map((copy) => this.#gradient(copy).read());
  }
  /** The contexts it has data on, or waits to have. */
  listCtx(): Context[] {
    if (this.#pending) return [...this.#pending.ctxs];
    return this.#required().map((copy) => copy.ctx);
  }

  /**
   * Replaces the data on every context, cast to its dtype. A deferred parameter keeps the value for when it is finished.
   * IncompatibleParameterError for another shape, UninitializedParameterError before `initialize`.
   */
  setData(value: TensorLike | RowSparseTensor | CsrTensor): void {
    if (!this.#copies && !this.#pending) throw this.#uninitializedError();
    const ctxs = this.listCtx();
    const x = denseValue(value, ctxs[0]!);
    this.shape = x.shape;
    this.#replacements++;
    if (this.#pending) {
      this.#pending = { ...this.#pending, data: x };
      return;
    }
    this.#pattern = undefined;
    for (const copy of this.#copies!) copy.data.write(x.to(copy.ctx).astype(this.dtype));
  }
  /** Zeros the gradient; nothing to do where there is none. */
  zeroGrad(): void {
    for (const copy of this.#copies ?? []) copy.zero();
  }
  /** Moves to other contexts: the mean of the present copies on each, with new gradients of zeros. */
  resetCtx(ctx?: Contexts): void {
    const ctxs = contextsOf(ctx);
    if (this.#pending) {
      this.#pending = { ...this.#pending, ctxs };
      return;
    }
    const mean = this.reduce(ctxs[0]);
    this.#clear();
    enter('Parameter.resetCtx', { levels: [], recording: false }, () => this.#adopt(mean, ctxs));
  }
  /** The mean over the copies, on `ctx` or the first copy's context: what files hold. */
  reduce(ctx?: Context): Tensor {
    const copies = this.#required();
    const target = ctx ?? copies[0]!.ctx;
    const values = copies.map((copy) => copy.data.peek().to(target));
    return values.length === 1 ? values[0]! : values.reduce((a, b) => a.add(b)).div(values.length);
  }
  /** Data and gradients in another dtype. */
  cast(dtype: DType): void {
    this.#dtype = checked('dtype', dtype, dtypes);
    for (const copy of this.#copies ?? []) {
      const gradient = copy.gradient?.peek();
      const wasFresh = copy.fresh;
      copy.data.replace(copy.data.peek().astype(dtype));
      this.#mark(copy);
      if (gradient && copy.gradient) copy.gradient.replace(gradient.astype(dtype));
      if (!wasFresh) copy.settle();
    }
  }

  /** Takes data from a file or a dictionary: checks shape and dtype, initializes where there is nothing yet. */
  loadData(value: Tensor, options: DataOptions = {}): void {
    const ctxs = this.#checkLoad(value, options);
    if (this.#dtype !== undefined && value.dtype !== this.#dtype && options.dtypeSource === 'saved') this.cast(value.dtype);
    this.shape = value.shape;
    if (this.#copies) {
      this.setData(value);
      return;
    }
    this.#pending = { init: new Uniform(), ctxs: ctxs ?? [value.ctx], data: value };
    this.#dtype ??= value.dtype;
    if (isKnown(this.#shape)) this.finishDeferredInit();
  }
  /** Loads several parameters, or none: all are checked before the first is changed. Errors of {@link loadData}. */
  static loadTogether(values: readonly (readonly [Parameter, Tensor])[], options: DataOptions = {}): void {
    for (const [parameter, value] of values) parameter.#checkLoad(value, options);
    for (const [parameter, value] of values) parameter.loadData(value, options);
  }
  /** The contexts that a value is loaded to: the present ones, else those asked for. */
  #checkLoad(value: Tensor, options: DataOptions): readonly Context[] | undefined {
    const { castDtype = false, dtypeSource = 'current' } = options;
    checked('dtypeSource', dtypeSource, ['current', 'saved']);
    if (!(value instanceof Tensor)) throw new ArgumentError(this.name, value, 'a tensor, as files hold them; setData takes numbers too');
    const ctxs = options.ctx === undefined ? undefined : contextsOf(options.ctx);
    if (this.#shape !== undefined && !refines(this.#shape, value.shape)) {
      throw new IncompatibleParameterError(
        this.name,
        `${this.name}: the saved value has shape ${printShape(value.shape)}, the parameter ${printShape(this.#shape)}; load a file of the same model`,
        printShape(this.#shape),
        printShape(value.shape),
      );
    }
    if (this.#dtype !== undefined && value.dtype !== this.#dtype && !castDtype) {
      throw new IncompatibleParameterError(this.name, `${this.name}: the saved value is ${value.dtype}, the parameter ${this.#dtype}; pass { castDtype: true } to convert it`, this.#dtype, value.dtype);
    }
    const present = this.#copies || this.#pending ? this.listCtx() : undefined;
    if (present && ctxs && !sameContexts(present, ctxs)) {
      throw new IncompatibleParameterError(this.name, `${this.name} lives on ${present.join(', ')}, and is loaded to ${ctxs.join(', ')}; call resetCtx first, or leave ctx out`, present.join(', '), ctxs.join(', '));
    }
    return present ?? ctxs;
  }

  /** `Parameter dense0_weight (shape=(3, 4), dtype=float64)` */
  toString(): string {
    return `${this.constructor.name} ${this.name} (shape=${printShape(this.#shape)}, dtype=${this.dtype})`;
  }

  /** The named rows of the data, each once, on the context of `rows` or the first copy's. For stype 'row_sparse'. */
  rowSparseData(rows: TensorLike): RowSparseTensor {
    const copies = this.#required();
    this.#requireStorage('rowSparseData', 'row_sparse');
    const ctx = rows instanceof Tensor ? rows.ctx : copies[0]!.ctx;
    const value = (copies.find((c) => c.ctx === ctx) ?? copies[0]!).data.read().to(ctx);
    const wanted = tensor(Int32Array.from(new Set(asTensor('rowSparseData', rows, ctx).dataSync())).sort(), { ctx });
    return new RowSparseTensor(take(value, wanted), wanted, value.shape);
  }
  /** The named rows on every context. */
  listRowSparseData(rows: TensorLike): RowSparseTensor[] {
    this.#requireStorage('listRowSparseData', 'row_sparse');
    const copies = this.#required();
    const index = asTensor('listRowSparseData', rows, copies[0]!.ctx);
    return copies.map((copy) => this.rowSparseData(index.to(copy.ctx)));
  }
  /** The data as a compressed matrix whose pattern is that of the last `initialize` or `setData`; gradients reach the stored elements. For stype 'csr'. */
  csrData(ctx?: Context): CsrTensor {
    const copy = this.#copy(ctx);
    this.#requireStorage('csrData', 'csr');
    const pattern = (this.#pattern ??= CsrTensor.fromDense(copy.data.peek()));
    const [columns, rows, starts] = [pattern.indices.to(copy.ctx), pattern.rows.to(copy.ctx), pattern.indptr.to(copy.ctx)];
    const value = copy.data.read();
    return new CsrTensor(take(value.reshape(value.size), rows.mul(value.shape[1]!).add(columns)), columns, starts, value.shape);
  }
  /** The rows of the gradient that are not zero, on `ctx` as {@link data} chooses it. For gradStype 'row_sparse'. */
  rowSparseGrad(ctx?: Context): RowSparseTensor {
    const gradient = this.#gradient(this.#copy(ctx));
    return gradient instanceof RowGradient ? gradient.rows() : RowSparseTensor.fromDense(gradient.read());
  }

  #required(): Copy[] {
    if (this.#copies) return this.#copies;
    throw this.#pending ? this.#deferredError() : this.#uninitializedError();
  }
  #copy(ctx: Context | undefined): Copy {
    const copies = this.#required();
    if (ctx === undefined && copies.length === 1) return copies[0]!;
    const wanted = ctx ?? currentContext();
    for (const copy of copies) if (copy.ctx === wanted) return copy;
    const there = copies.map((copy) => String(copy.ctx)).join(', ');
    throw new UninitializedParameterError(this.name, `${this.name} was not initialized on ${wanted}, only on ${there}; pass one of them, or call resetCtx`);
  }
  #gradient(copy: Copy): NonNullable<Copy['gradient']> {
    if (copy.gradient) return copy.gradient;
    throw new GluonError('no-gradient', `${this.name} has no gradient on ${copy.ctx}, because its gradReq is '${this.#gradReq}'${this.#gradReq === 'null' ? "; set gradReq to 'write' or 'add'" : ` and its dtype ${this.dtype} carries none`}`);
  }
  #uninitializedError(): UninitializedParameterError {
    return new UninitializedParameterError(this.name, `${this.name} has not been initialized; call initialize on its block, and note that block.collectParams() holds the parameters of child blocks too, block.params only its own`);
  }
  #deferredError(): DeferredInitializationError {
    return new DeferredInitializationError(
      this.name,
      `${this.name} waits for its shape, ${printShape(this.#shape)} so far; run a forward pass first, or state all dimensions (inUnits, inChannels, …); a block of your own with unknown dimensions writes inferShape`,
    );
  }
  #requireStorage(method: string, stype: StorageType): void {
    if (this.stype === stype) return;
    throw new GluonError('sparse-storage', `${this.name}.${method}: its storage is ${this.stype}, not ${stype}; use data(), or make it with { stype: '${stype}' }`);
  }
  #sparseError(method: string): GluonError {
    return new GluonError('sparse-storage', `${this.name}.${method}: its storage is ${this.stype}; use ${this.stype === 'csr' ? 'csrData' : 'rowSparseData(rows)'}`);
  }
}

function sameContexts(a: readonly Context[], b: readonly Context[]): boolean {
  return a.every((x) => b.includes(x)) && b.every((x) => a.includes(x));
}

function checked<T>(argument: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new ArgumentError(argument, value, `one of ${allowed.map((v) => `'${v}'`).join(', ')}`);
  return value;
}
