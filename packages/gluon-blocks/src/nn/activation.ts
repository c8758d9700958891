import { type Tensor, abs, div, nearestName, relu, sigmoid, softplus, tanh } from '@matheron/core-tensor';
import { ArgumentError } from '@matheron/gluon-params';
import type { BlockOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';

/** Activations by name; softrelu is log(1 + eˣ), softsign x / (1 + |x|). */
export type ActivationName = 'relu' | 'sigmoid' | 'tanh' | 'softrelu' | 'softsign';

const functions: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = {
  relu,
  sigmoid,
  tanh,
  softrelu: softplus,
  softsign: (x) => div(x, abs(x).add(1)),
};

/** The function of an activation's name. ArgumentError for other names. */
export function activationFunction(name: ActivationName): (x: Tensor) => Tensor {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!found) {
    const nearest = nearestName(name, Object.keys(functions));
    throw new ArgumentError('activation', name, `one of ${Object.keys(functions).join(', ')}${nearest ? `; did you mean '${nearest}'?` : ''}`);
  }
  return found;
}

/** An activation function as a layer. */
export class Activation extends HybridBlock {
  readonly activation: ActivationName;
  readonly #f: (x: Tensor) => Tensor;
  constructor(activation: ActivationName, options: BlockOptions = {}) {
    super({ alias: activation, ...options });
    this.activation = activation;
    this.#f = activationFunction(activation);
  }
  override forward(x: Tensor): Tensor {
    return this.#f(x);
  }
  override toString(): string {
    return `Activation(${this.activation})`;
  }
}
