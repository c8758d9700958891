import { HybridBlock } from '@matheron/gluon-blocks';
import { type Tensor, sizeOf } from '@matheron/core-tensor';
import { UnknownHyperparameterError } from './errors.ts';
import { Hyperparameter, type HyperparameterOptions } from './hyperparameter.ts';

/** External values by name. */
export type ParamValues = Record<string, number | number[]>;

/** What kernels, means, warpings, target transforms and likelihoods share: named hyperparameters, own ones and those of their parts. */
export abstract class ParameterizedBlock extends HybridBlock {
  /** A hyperparameter of this block, in a field: `readonly period = this.hyperparameter('period', { init: 1 })`. */
  protected hyperparameter(name: string, options: HyperparameterOptions = {}): Hyperparameter {
    return new Hyperparameter(`${this.prefix}${name}_internal`, { ...options, label: name });
  }
  /** Own hyperparameters in order of assignment. */
  protected ownHyperparameters(): Hyperparameter[] {
    return Object.entries(this).filter(([key, value]) => !key.startsWith('_') && value instanceof Hyperparameter).map(([, value]) => value as Hyperparameter);
  }
  /** The parts, with the prefix that their names take in getParams; by default every child block, `<attribute>_`. */
  components(): [prefix: string, part: ParameterizedBlock][] {
    return [...this.children()].filter((entry): entry is [string, ParameterizedBlock] => entry[1] instanceof ParameterizedBlock).map(([name, part]) => [`${name}_`, part]);
  }
  /** Names of the elements of a hyperparameter where each is an entry of its own; undefined: one entry with its label. */
  protected elementNames(_parameter: Hyperparameter, _size: number): string[] | undefined {
    return undefined;
  }
  /** All hyperparameters, own ones first, then those of the parts, each once. */
  hyperparameters(): Hyperparameter[] {
    const all = new Set(this.ownHyperparameters());
    for (const [, part] of this.components()) for (const p of part.hyperparameters()) all.add(p);
    return [...all];
  }
  /** The names of getParams, without reading values. */
  paramNames(): string[] {
    const own = this.ownHyperparameters().flatMap((p) => this.elementNames(p, sizeOf(p.shape ?? [])) ?? [p.label]);
    return [...own, ...this.components().flatMap(([prefix, part]) => part.paramNames().map((name) => prefix + name))];
  }
  /** External values by name: a number, or an array for vectors. */
  getParams(): ParamValues {
    const result: ParamValues = {};
    for (const p of this.ownHyperparameters()) {
      const values = p.externalValues();
      const names = this.elementNames(p, values.length);
      if (names) names.forEach((name, i) => { result[name] = values[i]!; });
      else result[p.label] = values.length === 1 ? values[0]! : values;
    }
    for (const [prefix, part] of this.components()) {
      for (const [name, value] of Object.entries(part.getParams())) result[prefix + name] = value;
    }
    return result;
  }
  /** Sets external values by the names of getParams; those not named stay. OutOfBoundsError, UnknownHyperparameterError. */
  setParams(values: ParamValues): void {
    const known = this.paramNames();
    for (const key of Object.keys(values)) if (!known.includes(key)) throw new UnknownHyperparameterError(key, known);
    this.assignParams(values);
  }
  /** setParams without the check for unknown names. */
  protected assignParams(values: ParamValues): void {
    for (const p of this.ownHyperparameters()) {
      const size = p.externalValues().length;
      const names = this.elementNames(p, size);
      if (names) {
        if (!names.some((name) => name in values)) continue;
        const present = p.externalValues();
        p.set(names.map((name, i) => (values[name] as number | undefined) ?? present[i]!));
      } else if (p.label in values) {
        p.set(values[p.label]!);
      }
    }
    for (const [prefix, part] of this.components()) {
      const inner: ParamValues = {};
      for (const [key, value] of Object.entries(values)) if (key.startsWith(prefix)) inner[key.slice(prefix.length)] = value;
      part.assignParams(inner);
    }
  }
  /** Every hyperparameter back to its start value. */
  resetParams(): void {
    for (const p of this.hyperparameters()) p.reset();
  }
  /** The sum of −log prior density over all trainable hyperparameters that have a prior; undefined where none has. */
  negLogPrior(): Tensor | undefined {
    let sum: Tensor | undefined;
    for (const p of this.hyperparameters()) {
      if (!p.trainable) continue;
      const term = p.negLogPrior();
      if (term) sum = sum ? sum.add(term) : term;
    }
    return sum;
  }
}
