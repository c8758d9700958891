import { type DType, type Shape, type Tensor, type TensorLike, sameShape, tensor } from '@matheron/core-tensor';
import { ArgumentError, IncompatibleParameterError } from '../errors.ts';
import { type InitLike, Initializer, type Setting } from './initializer.ts';
import { resolveInit } from './registry.ts';

/** The initializer of the first pattern that matches at the start of the parameter's name. ArgumentError where none does. */
export class Mixed extends Initializer {
  readonly #choices: readonly (readonly [RegExp, InitLike])[];
  constructor(patterns: readonly (string | RegExp)[], initializers: readonly InitLike[]) {
    super();
    if (patterns.length !== initializers.length) throw new ArgumentError('initializers', initializers.length, `${patterns.length} initializers, one a pattern`);
    this.#choices = patterns.map((p, k) => [new RegExp(`^(?:${typeof p === 'string' ? p : p.source})`, typeof p === 'string' ? '' : p.flags.replace(/[gy]/g, '')), initializers[k]!]);
  }
  override get kind(): string {
    return 'mixed';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { patterns: this.#choices.map(([p]) => p.source), initializers: this.#choices.map(([, i]) => (i instanceof Initializer ? i.dumps() : String(i))) };
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    const choice = this.#choices.find(([pattern]) => pattern.test(name));
    if (!choice) throw new ArgumentError('name', name, `a name that one of the patterns ${this.#choices.map(([p]) => p).join(', ')} matches; add '.*' as the last one`);
    return resolveInit(choice[1])(name, shape, dtype);
  }
}

/** Values by the parameter's name out of a dictionary (`arg:` and `aux:` before names are left out); `defaultInit` for names that are not there. */
export class Load extends Initializer {
  readonly #values = new Map<string, TensorLike>();
  readonly #defaultInit: InitLike | undefined;
  constructor(values: Readonly<Record<string, TensorLike>>, defaultInit?: InitLike) {
    super();
    for (const [name, value] of Object.entries(values)) this.#values.set(name.replace(/^(arg|aux):/, ''), value);
    this.#defaultInit = defaultInit;
  }
  override get kind(): string {
    return 'load';
  }
  override get settings(): Readonly<Record<string, Setting>> {
    return { names: [...this.#values.keys()] };
  }
  override initWeight(name: string, shape: Shape, dtype: DType): Tensor {
    const value = this.#values.get(name);
    if (value === undefined) {
      if (this.#defaultInit === undefined) throw new ArgumentError('name', name, `a name that was loaded (${[...this.#values.keys()].slice(0, 5).join(', ')}, …), or a defaultInit`);
      return resolveInit(this.#defaultInit)(name, shape, dtype);
    }
    const loaded = tensor(value, { dtype });
    if (!sameShape(loaded.shape, shape)) {
      throw new IncompatibleParameterError(name, `init.Load: ${name} has shape [${shape.join(', ')}], the loaded value [${loaded.shape.join(', ')}]; load values of the model's shapes`, `[${shape.join(', ')}]`, `[${loaded.shape.join(', ')}]`);
    }
    return loaded;
  }
}
