import { type Tensor, type TensorLike, Tensor as TensorClass, concat, take, tensor } from '@matheron/core-tensor';
import type { BlockOptions, InputsOf, OutputOf } from '@matheron/gluon-blocks';
import { GPError } from './errors.ts';
import { type Hyperparameter, type HyperparameterConfig, type HyperparameterOptions, type Setting, settingOptions } from './hyperparameter.ts';
import { type ParamValues, ParameterizedBlock } from './parameterized.ts';

/** `activeDims`: the columns of X that the kernel sees; all by default. */
export interface KernelOptions extends BlockOptions { activeDims?: readonly number[] }

/** A kernel or mean as plain data: what `kernelFromJSON` and `meanFromJSON` take. */
export interface PartConfig {
  readonly type: string;
  readonly activeDims?: readonly number[];
  readonly parts?: readonly PartConfig[];
  readonly hyperparameters?: Readonly<Record<string, HyperparameterConfig>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * A covariance function: write its formula as `forward(X1, X2)` with X1 [n1, d] and X2 [n2, d], giving [n1, n2]. Where both
 * are the same points, forward gets the very same tensor twice. Kernels compose by `add`, `mul`, `scale`, `on`.
 */
export abstract class Kernel extends ParameterizedBlock {
  private _activeDims: readonly number[] | undefined;
  constructor(options: KernelOptions = {}) {
    const { activeDims, ...block } = options;
    super(block);
    this._activeDims = activeDims && checkDims(activeDims);
  }
  abstract override forward(X1: Tensor, X2: Tensor): Tensor;
  /** The columns it sees, undefined for all. */
  get activeDims(): readonly number[] | undefined { return this._activeDims; }
  /** The type in `toJSON`; '' for kernels that can't be rebuilt from data. */
  get type(): string { return ''; }

  /** K(X1, X2) of tensors, on the active columns: hooks, then `forward`. */
  override call(...inputs: InputsOf<this>): OutputOf<this> {
    const [X1, X2] = inputs as unknown as [Tensor, Tensor];
    const a = this.columns(X1);
    const b = X2 === X1 ? a : this.columns(X2);
    return super.call(...([a, b] as unknown as InputsOf<this>));
  }
  /** k(x, x) for each row of X [n, d]: [n]. */
  diagonal(X: Tensor): Tensor {
    return this.diagonalOf(this.columns(X));
  }
  /** The diagonal on columns already picked: override it where there is something cheaper than `forward` row by row. */
  protected diagonalOf(X: Tensor): Tensor {
    const rows = Array.from({ length: X.shape[0]! }, (_, i) => {
      const row = X.slice([i, i + 1]);
      return this.forward(row, row).reshape(1);
    });
    return rows.length > 0 ? concat(rows, 0) : X.sum(1);
  }
  /** Whether k(x, x) depends on x. */
  diagonalDependsOnX(): boolean {
    return true;
  }
  /** K(X1, X2) of anything tensor-like, X2 = X1 where it is left out; one-dimensional X is one column. */
  matrix(X1: TensorLike, X2?: TensorLike): Tensor {
    const a = asMatrix('matrix', X1);
    const b = X2 === undefined || X2 === X1 ? a : asMatrix('matrix', X2);
    return (this as Kernel).call(a, b);
  }
  /** This plus another. */
  add(other: Kernel): SumKernel { return new SumKernel(this, other); }
  /** This times another. */
  mul(other: Kernel): ProductKernel { return new ProductKernel(this, other); }
  /** outputscale · k. */
  scale(outputscale?: number | HyperparameterOptions): ScaleKernel { return new ScaleKernel(this, outputscale); }
  /** Restricts it to these columns of X, and returns it. */
  on(...dims: number[]): this {
    this._activeDims = checkDims(dims);
    return this;
  }
  /** The expression that `parseKernel` reads, with hyperparameters. */
  override toString(): string {
    return this.expression() + (this._activeDims ? `[${this._activeDims.join(', ')}]` : '');
  }
  /** The expression without active dimensions. */
  protected expression(): string {
    const type = this.type || this.constructor.name;
    return `${type}${argumentList(this.ownHyperparameters(), this.settings())}`;
  }
  /** Settings besides hyperparameters and parts, for toJSON and expressions. */
  protected settings(): Record<string, unknown> {
    return {};
  }
  /** The kernels it is made of, for toJSON. */
  protected kernelParts(): readonly ParameterizedBlock[] {
    return this.components().map(([, part]) => part);
  }
  /** As plain data, hyperparameters at their present values. GPError for a class of one's own without a `type`. */
  toJSON(): PartConfig {
    if (!this.type) throw new GPError('not-serializable', `${this.constructor.name}: a kernel of one's own can't be written to a file; pass it to load(directory, { kernel }) instead`);
    return describePart(this.type, this._activeDims, this.kernelParts(), this.ownHyperparameters(), this.settings());
  }
  private columns(X: Tensor): Tensor {
    const dims = this._activeDims;
    if (!dims) return X;
    const width = X.shape[1]!;
    const beyond = dims.find((d) => d >= width);
    if (beyond !== undefined) {
      throw new GPError('shape', `${this.type || this.constructor.name}[${dims.join(', ')}]: X has ${width} column${width === 1 ? '' : 's'}, there is no column ${beyond}; columns count from 0`);
    }
    const first = dims[0]!;
    const run = dims.every((d, i) => d === first + i);
    if (run && first === 0 && dims.length === width) return X;
    return run ? X.slice([], [first, first + dims.length]) : take(X, dims, 1);
  }
}

/** k1 + k2 + …; sums inside of it are flattened. */
export class SumKernel extends Kernel {
  protected readonly _kernels: readonly Kernel[];
  constructor(...kernels: Kernel[]) {
    super();
    this._kernels = flatten(kernels, SumKernel);
    register(this, this._kernels);
  }
  override get type(): string { return 'sum'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return this._kernels.map((k) => k.call(X1, X2)).reduce((a, b) => a.add(b));
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return this._kernels.map((k) => k.diagonal(X)).reduce((a, b) => a.add(b));
  }
  override diagonalDependsOnX(): boolean { return this._kernels.some((k) => k.diagonalDependsOnX()); }
  protected override expression(): string {
    const text = this._kernels.map(String).join(' + ');
    return this.activeDims ? `(${text})` : text;
  }
}

/** k1 · k2 · …; products inside of it are flattened. */
export class ProductKernel extends Kernel {
  protected readonly _kernels: readonly Kernel[];
  private readonly _names: readonly string[] | undefined;
  constructor(...kernels: Kernel[]) {
    super();
    this._kernels = flatten(kernels, ProductKernel);
    register(this, this._kernels);
  }
  override get type(): string { return 'product'; }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return this._kernels.map((k) => k.call(X1, X2)).reduce((a, b) => a.mul(b));
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return this._kernels.map((k) => k.diagonal(X)).reduce((a, b) => a.mul(b));
  }
  override diagonalDependsOnX(): boolean { return this._kernels.some((k) => k.diagonalDependsOnX()); }
  protected override expression(): string {
    const text = this._kernels.map((k) => (k instanceof SumKernel && !k.activeDims ? `(${String(k)})` : String(k))).join(' * ');
    return this.activeDims ? `(${text})` : text;
  }
}

/** outputscale · k. */
export class ScaleKernel extends Kernel {
  readonly outputscale: Hyperparameter;
  readonly inner: Kernel;
  constructor(inner: Kernel, outputscale?: Setting) {
    super();
    if (!((inner as unknown) instanceof Kernel)) throw new GPError('argument', 'ScaleKernel: its first argument is the kernel to scale, its second the scale');
    this.inner = inner;
    this.outputscale = this.hyperparameter('outputscale', settingOptions(outputscale));
  }
  override get type(): string { return 'scale'; }
  override components(): [string, ParameterizedBlock][] {
    const clash = this.inner.paramNames().includes('outputscale');
    return [[clash ? 'inner_' : '', this.inner]];
  }
  override forward(X1: Tensor, X2: Tensor): Tensor {
    return this.inner.call(X1, X2).mul(this.outputscale.value());
  }
  protected override diagonalOf(X: Tensor): Tensor {
    return this.inner.diagonal(X).mul(this.outputscale.value());
  }
  override diagonalDependsOnX(): boolean { return this.inner.diagonalDependsOnX(); }
  protected override expression(): string {
    return `scale(${String(this.inner)}, ${argumentList(this.ownHyperparameters(), {}).slice(1)}`;
  }
}

/** What toJSON returns, of kernels and means. */
export function describePart(type: string, activeDims: readonly number[] | undefined, parts: readonly ParameterizedBlock[], own: readonly Hyperparameter[], settings: Record<string, unknown>): PartConfig {
  return {
    type,
    ...(activeDims ? { activeDims } : {}),
    ...(parts.length > 0 ? { parts: parts.map((p) => (p as unknown as { toJSON(): PartConfig }).toJSON()) } : {}),
    ...(own.length > 0 ? { hyperparameters: Object.fromEntries(own.map((p) => [p.label, p.config()])) } : {}),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
  };
}

/** X as [n, d]: one-dimensional values become one column. ShapeError-like GPError above two dimensions. */
export function asMatrix(caller: string, X: TensorLike): Tensor {
  const x = X instanceof TensorClass ? X : tensor(X);
  if (x.ndim === 2) return x;
  if (x.ndim <= 1) return x.reshape(x.size, 1);
  throw new GPError('shape', `${caller}: X must be [n, d] or [n], got [${x.shape.join(', ')}]`);
}

/** `(lengthscale=1, alpha=fixed(2))`, or '' where there is nothing to say. */
function argumentList(own: readonly Hyperparameter[], settings: Record<string, unknown>): string {
  const parts = own.map((p) => {
    const v = p.externalValues();
    const text = v.length === 1 ? short(v[0]!) : `[${v.map(short).join(', ')}]`;
    return `${p.label}=${p.trainable ? text : `fixed(${text})`}`;
  });
  for (const [key, value] of Object.entries(settings)) parts.push(`${key}=${String(value)}`);
  return parts.length > 0 ? `(${parts.join(', ')})` : '';
}
function short(x: number): string {
  return String(Number(x.toPrecision(12)));
}
function checkDims(dims: readonly number[]): readonly number[] {
  if (dims.length === 0 || !dims.every((d) => Number.isInteger(d) && d >= 0)) {
    throw new GPError('argument', `activeDims: expected columns counted from 0, got [${dims.join(', ')}]`);
  }
  return [...dims];
}
function flatten(kernels: readonly Kernel[], type: typeof SumKernel | typeof ProductKernel): Kernel[] {
  for (const k of kernels as readonly unknown[]) {
    if (!(k instanceof Kernel)) throw new GPError('argument', `${type.name}: ${typeof k === 'number' ? `the number ${k} is no kernel; scale(${k}) multiplies by it, new ConstantKernel({ value: ${k} }) adds it` : `expected kernels, got ${k === null ? 'null' : typeof k}`}`);
  }
  const flat = kernels.flatMap((k): readonly Kernel[] => ((k as { constructor: unknown }).constructor === type && !k.activeDims ? (k as SumKernel)['_kernels'] : [k]));
  if (flat.length === 0) throw new GPError('argument', `${type.name}: give at least one kernel`);
  return flat;
}
function register(block: Kernel, kernels: readonly Kernel[]): void {
  kernels.forEach((k, i) => block.registerChild(k, `kernel${i + 1}`));
}

export type { ParamValues };
