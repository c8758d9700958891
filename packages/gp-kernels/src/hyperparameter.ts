import { type Shape, type Tensor, type TensorLike, Tensor as TensorClass, currentContext, sizeOf } from '@matheron/core-tensor';
import { Parameter } from '@matheron/gluon-params';
import { type Encoding, type EncodingName, defaultInitial, makeEncoding } from './encoding.ts';
import { GPError, OutOfBoundsError } from './errors.ts';
import { type Prior, type PriorConfig, priorFromJSON } from './priors.ts';

/** All about a hyperparameter. Defaults: init 1 (within the bounds), shape [] (or that of `init`), no bounds, no prior, 'logarithm', trainable. */
export interface HyperparameterOptions {
  init?: TensorLike;
  shape?: Shape;
  bounds?: readonly [lower: number, upper: number];
  prior?: Prior;
  encoding?: EncodingName;
  trainable?: boolean;
}
/** A start value, or everything about the hyperparameter. */
export type Setting = number | number[] | HyperparameterOptions;

/** A hyperparameter's settings as plain data. */
export interface HyperparameterConfig {
  readonly init?: number | readonly number[];
  readonly shape?: Shape;
  readonly bounds?: readonly [number | null, number | null];
  readonly prior?: PriorConfig;
  readonly encoding?: EncodingName;
  readonly trainable?: boolean;
}

/**
 * A Gluon parameter named `<name>_internal` that holds the encoded value and speaks external ones. It initializes itself at first
 * use, on the current context, unless `initialize` came first.
 */
export class Hyperparameter extends Parameter {
  /** The name without prefix and suffix, as getParams writes it. */
  readonly label: string;
  readonly encoding: EncodingName;
  readonly bounds: readonly [number, number];
  readonly prior: Prior | undefined;
  /** The start value: one number for every element, or one each. */
  readonly initial: readonly number[];
  readonly #codec: Encoding;

  constructor(name: string, options: HyperparameterOptions & { label?: string } = {}) {
    const codec = makeEncoding(options.encoding ?? 'logarithm', options.bounds);
    const [lower, upper] = codec.bounds;
    const initial = numbersOf(options.init ?? (lower <= 1 && upper >= 1 ? 1 : defaultInitial(codec.bounds)));
    const shape = options.shape ?? shapeOf(options.init);
    if (initial.length !== 1 && shape.every((n) => n > 0) && initial.length !== sizeOf(shape)) throw new GPError('argument', `${name}: init has ${initial.length} values for shape [${shape.join(', ')}]`);
    super(name, {
      shape, init: (actual: Shape) => encoded(name, codec, initial, actual),
      allowDeferredInit: shape.some((n) => n <= 0), gradReq: options.trainable === false ? 'null' : 'write',
    });
    this.label = options.label ?? name.replace(/_internal$/, '');
    this.encoding = codec.name;
    this.bounds = codec.bounds;
    this.prior = options.prior;
    this.initial = initial;
    this.#codec = codec;
    for (const v of initial) this.#check(v);
  }

  /** Whether a fit moves it: `gradReq` is not 'null'. */
  get trainable(): boolean { return this.gradReq !== 'null'; }
  set trainable(yes: boolean) { this.gradReq = yes ? 'write' : 'null'; }
  /** The box of the internal value. */
  get internalBounds(): readonly [number, number] { return this.#codec.internalBounds; }
  /** Whether all dimensions are known. */
  get sized(): boolean { return this.shape !== undefined && this.shape.every((n) => n > 0); }

  /** Fixes a deferred shape, as the first call of an ARD kernel does. ShapeError from Parameter where it is another already. */
  size(shape: Shape): void {
    if (!this.sized) this.shape = shape;
  }
  /** The encoded value, as the running transformations and `withParameterData` present it. */
  internal(): Tensor {
    this.#ensure();
    return this.data();
  }
  /** The external value, differentiable in the internal one. */
  value(): Tensor {
    return this.#codec.toExternal(this.internal());
  }
  /** Sets the external value: one number for all elements, or one each. OutOfBoundsError outside of the bounds. */
  set(value: TensorLike): void {
    const external = numbersOf(value).map((v) => this.#check(v));
    if (!this.sized && external.length > 1) this.shape = [external.length];
    if (!this.sized) throw new GPError('argument', `${this.name}: its size is unknown before the first call; set it with one value for each column`);
    this.#ensure();
    this.setData(encoded(this.name, this.#codec, external, this.shape!));
  }
  /** Back to the start value; nothing to do before the first use. */
  reset(): void {
    if (this.sized && this.initialized) this.setData(encoded(this.name, this.#codec, this.initial, this.shape!));
  }
  /** The external values on the host; the start value where it was not used yet. SynchronousReadError on asynchronous devices. */
  externalValues(): number[] {
    if (!this.initialized) {
      return this.sized && this.initial.length === 1 ? Array.from({ length: sizeOf(this.shape!) }, () => this.initial[0]!) : [...this.initial];
    }
    return Array.from(this.value().dataSync(), Number);
  }
  /** External to internal, one number. */
  encode(value: number): number {
    return this.#codec.toInternal(value);
  }
  /** Internal to external, of a tensor. */
  decode(internal: Tensor): Tensor {
    return this.#codec.toExternal(internal);
  }
  /** −log prior density of the present value, a scalar; undefined without a prior. */
  negLogPrior(): Tensor | undefined {
    return this.prior?.negLogDensity(this.value());
  }
  /** `name: 0.5;1.2`, six digits, as gpautograd prints parameters. */
  pretty(): string {
    return `${this.name}: ${this.externalValues().map((v) => v.toFixed(6)).join(';')}`;
  }
  /** Settings as plain data, with the present value as `init`. A prior without toJSON: GPError. */
  config(): HyperparameterConfig {
    const values = this.externalValues();
    if (this.prior && !this.prior.toJSON) throw new GPError('not-serializable', `${this.name}: its prior has no toJSON, so it can't be saved`);
    const scalar = this.shape?.length === 0 || !this.sized;
    return {
      init: scalar && values.length === 1 ? values[0]! : values,
      ...(this.shape ? { shape: [...this.shape] } : {}),
      ...(this.bounds.some((b) => Number.isFinite(b)) ? { bounds: [finite(this.bounds[0]), finite(this.bounds[1])] as const } : {}),
      ...(this.prior?.toJSON ? { prior: this.prior.toJSON() } : {}),
      encoding: this.encoding, trainable: this.trainable,
    };
  }

  #ensure(): void {
    if (this.initialized) return;
    if (!this.sized) throw new GPError('not-sized', `${this.name}: its size is unknown; call the kernel on data once, or give ard values`);
    if (this.deferred) this.finishDeferredInit();
    else this.initialize({ ctx: currentContext() });
  }
  #check(value: number): number {
    const [lower, upper] = this.bounds;
    if (value >= lower && value <= upper && Number.isFinite(value)) {
      this.#codec.toInternal(value);
      return value;
    }
    // exp(log(bound)) may miss the bound by an ulp
    if (value < lower && lower - value <= 1e-9 * Math.max(1e-12, Math.abs(lower))) return lower;
    if (value > upper && value - upper <= 1e-9 * Math.abs(upper)) return upper;
    throw new OutOfBoundsError(this.name, value, this.bounds, Math.abs(value) === Infinity && (value === lower || value === upper) ? 'the value must be finite' : undefined);
  }
}

/** Merges a user's setting over a kernel's own defaults. */
export function settingOptions(setting: Setting | undefined, defaults: HyperparameterOptions = {}): HyperparameterOptions {
  if (setting === undefined) return defaults;
  if (typeof setting === 'number' || Array.isArray(setting)) return { ...defaults, init: setting };
  return { ...defaults, ...setting };
}

/** Options from `Hyperparameter.config()`. */
export function optionsFromConfig(config: HyperparameterConfig): HyperparameterOptions {
  const { prior, bounds, init, ...rest } = config;
  return {
    ...rest,
    ...(init === undefined ? {} : { init: typeof init === 'number' ? init : [...init] }),
    ...(bounds ? { bounds: [bounds[0] ?? -Infinity, bounds[1] ?? Infinity] as const } : {}),
    ...(prior ? { prior: priorFromJSON(prior) } : {}),
  };
}

/** The numbers in a TensorLike, in row-major order. */
export function numbersOf(x: TensorLike): number[] {
  if (typeof x === 'number') return [x];
  if (typeof x === 'boolean') return [Number(x)];
  if (x instanceof TensorClass) return Array.from(x.dataSync(), Number);
  if (ArrayBuffer.isView(x)) return Array.from(x as ArrayLike<number>);
  if (!Array.isArray(x)) throw new GPError('argument', `hyperparameter: its value must be a number or numbers, got ${x === null ? 'null' : `a ${typeof x}`}`);
  return (x as readonly TensorLike[]).flatMap(numbersOf);
}

function encoded(name: string, codec: Encoding, external: readonly number[], shape: Shape): Tensor | TensorLike {
  const size = sizeOf(shape);
  if (external.length !== 1 && external.length !== size) {
    throw new GPError('argument', `${name}: got ${external.length} values for shape [${shape.join(', ')}]`);
  }
  const flat = Float64Array.from({ length: size }, (_, i) => codec.toInternal(external[external.length === 1 ? 0 : i]!));
  return shape.length === 1 ? flat : nested(flat, shape);
}
function nested(flat: Float64Array, shape: Shape): TensorLike {
  if (shape.length === 0) return flat[0]!;
  if (shape.length === 1) return Array.from(flat);
  const inner = sizeOf(shape.slice(1));
  return Array.from({ length: shape[0]! }, (_, i) => nested(flat.subarray(i * inner, (i + 1) * inner), shape.slice(1))) as TensorLike;
}
function shapeOf(init: TensorLike | undefined): Shape {
  if (init === undefined || typeof init === 'number' || typeof init === 'boolean') return [];
  if (init instanceof TensorClass) return init.shape;
  return [numbersOf(init).length];
}
function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
