import { type DType, type Rng, type Shape, type Tensor, type TensorLike, defaultRng, ones, zeros } from '@matheron/core-tensor';
import { ArgumentError } from '../errors.ts';

/** Names of the initializers, case-insensitive at run time. */
export type InitName = 'zeros' | 'zero' | 'ones' | 'one' | 'uniform' | 'normal' | 'orthogonal' | 'xavier' | 'msraprelu' | 'bilinear' | 'lstmbias';
/** A function that gives a parameter's first values: what a subclass of {@link Initializer} does, in one line. */
export type InitFunction = (shape: Shape, dtype: DType, random: Rng) => TensorLike;
/** What an initializer may be given as; a string may also be what {@link Initializer.dumps} wrote. */
export type InitLike = Initializer | InitName | `[${string}` | InitFunction;

/** A setting of an initializer as `dumps` writes it. */
export type Setting = number | string | boolean | null | readonly Setting[] | { readonly [key: string]: Setting };

/**
 * Gives parameters their first values. Subclass it and write `initWeight`, or pass a function `(shape, dtype, random) => values`
 * wherever an initializer is expected. Values are made on the current context.
 */
export class Initializer {
  readonly #rng: Rng | undefined;
  /** `rng` is the default generator unless given. */
  constructor(options: { rng?: Rng } = {}) {
    this.#rng = options.rng;
  }
  /** What random initializers draw from. */
  get rng(): Rng {
    return this.#rng ?? defaultRng();
  }
  /** Values of `shape`: what a Gluon parameter gets, whatever its name. */
  initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    throw new ArgumentError('init', `${this.constructor.name} for ${name} of ${JSON.stringify(shape)} ${dtype}`, 'a subclass of Initializer that writes initWeight');
  }
  /**
   * Values by the parameter's name, as MXNet's module API calls initializers: weights by `initWeight`, `bias`, `beta`, `min`, running means 0,
   * `gamma`, `max`, running variances 1. ArgumentError for other endings.
   */
  call(name: string, shape: Shape, dtype: DType): Tensor {
    if (name.endsWith('weight')) return this.initWeight(name, shape, dtype);
    if (/(bias|beta|min|running_mean|moving_mean|moving_avg|moving_inv_var)$/.test(name)) return zeros(shape, { dtype });
    if (/(gamma|max|running_var|moving_var)$/.test(name)) return ones(shape, { dtype });
    throw new ArgumentError('name', name, "a name that ends in weight, bias, gamma, beta, min, max, running_mean or running_var; Gluon parameters call initWeight, which takes any name");
  }
  /** The name that `dumps` writes; the registry's for the library's own. */
  get kind(): string {
    return this.constructor.name.toLowerCase();
  }
  /** The settings that `dumps` writes, under Gluon's names. */
  get settings(): Readonly<Record<string, Setting>> {
    return {};
  }
  /** `["xavier", {"rnd_type": "uniform", …}]`, as Gluon writes it; such a string is an initializer wherever one is expected. */
  dumps(): string {
    return python([this.kind, this.settings]);
  }
  /** Whether both are of one class with the same settings. */
  equals(other: unknown): boolean {
    return other instanceof Initializer && other.constructor === this.constructor && other.dumps() === this.dumps();
  }
}

/** JSON with Python's spaces. */
function python(x: Setting): string {
  if (Array.isArray(x)) return `[${x.map(python).join(', ')}]`;
  if (typeof x === 'object' && x !== null) {
    return `{${Object.entries(x)
      .map(([key, value]) => `${JSON.stringify(key)}: ${python(value as Setting)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(x);
}
