import { pause } from '@matheron/autograd';
import { type Compiled, compile } from '@matheron/compiler';
import { type Cell, type DType, type Tensor, type TypedArray, allocate, currentFrame } from '@matheron/core-tensor';
import { type Coefficient, type Optimizer, type OptimizerParts, partsOf } from './optimizer.ts';

/** One weight to update: its slot with the optimizer, data, gradient and states. */
export interface WeightUpdate {
  readonly index: number;
  readonly weight: Cell;
  readonly gradient: Cell;
  readonly state: Cell[];
}
/**
 * What is updated together: so many elements of weights, so many weights. Beyond, memory and the time to compile would grow with nothing to
 * gain, and nets of like layers would not share what is compiled for some.
 */
const mostElements = 2 ** 18, mostWeights = 16;

/**
 * Of `numbers`: scale and bound of the gradients, then the coefficients of each weight. `pattern` has a mark for each, weights apart by commas: 1, or
 * 0 for a number that is 0. `tensors`: weight, gradient and states of each weight.
 */
type Update = Compiled<[numbers: TypedArray, pattern: string, tensors: readonly (readonly Tensor[])[]], readonly (readonly Tensor[])[]>;

/**
 * An optimizer's updates of many weights as one compiled function: weights, gradients and states go in, weights and states come out, and
 * so do all numbers that may change from step to step. The rule is the one that runs step by step.
 */
export class FusedUpdates {
  readonly #parts: OptimizerParts;
  readonly #optimizer: Optimizer;
  readonly #update: Update;
  constructor(optimizer: Optimizer) {
    const parts = partsOf(optimizer);
    this.#parts = parts;
    this.#optimizer = optimizer;
    this.#update = compile((numbers, pattern, tensors) => {
      let next = 0;
      const [head, ...kinds] = pattern.split(',').map((marks) => Array.from(marks, (mark): Coefficient => {
        const k = next++;
        return mark === '0' ? 0 : (numbers as unknown as Tensor).slice(k);
      }));
      const [scale, bound] = head!;
      return tensors.map(([w, g, ...states], k) => parts.rule(w!, g!, states, kinds[k]!, { scale: scale!, bound: bound! }));
    }, { name: `${optimizer.constructor.name} update` });
  }

  /** Updates what can be updated in this way, and returns the rest, in its order. */
  run(updates: readonly WeightUpdate[]): readonly WeightUpdate[] {
    // A running transformation sees each operation.
    if (!this.#parts.compiles || currentFrame().levels.length > 0) return updates;
    const rest: WeightUpdate[] = [];
    let batch: WeightUpdate[] = [], elements = 0;
    const taken = new Set<Cell>();
    const flush = (): void => {
      if (batch.length > 0) this.#run(batch);
      batch = [];
      elements = 0;
    };
    for (const update of updates) {
      const { ctx, size, dtype } = update.gradient.borrow();
      // A weight that is there twice is updated twice, one after the other.
      const again = taken.size === taken.add(update.weight).size;
      if (again || !ctx.backend.compile || size === 0 || size > mostElements || update.weight.borrow().dtype !== dtype) {
        rest.push(update);
        continue;
      }
      const first = batch[0]?.gradient.borrow();
      if (first && (first.ctx !== ctx || first.dtype !== dtype || batch.length === mostWeights || elements + size > mostElements)) flush();
      batch.push(update);
      elements += size;
    }
    flush();
    return rest;
  }

  #run(batch: readonly WeightUpdate[]): void {
    const { rescaleGrad, clipGradient = 0 } = this.#optimizer;
    const numbers = [rescaleGrad, clipGradient];
    let pattern = `1${mark(clipGradient)}`;
    for (const { index } of batch) {
      pattern += ',';
      for (const coefficient of this.#parts.coefficients(this.#parts.begin(index))) {
        numbers.push(coefficient);
        pattern += mark(coefficient);
      }
    }
    const tensors = batch.map(({ weight, gradient, state }) => [weight.borrow(), gradient.borrow(), ...state.map((cell) => cell.borrow())]);
    const found = pause(() => this.#update(numbersOf(numbers, tensors[0]![0]!.dtype), pattern, tensors));
    batch.forEach(({ weight, state }, k) => {
      const [w, ...states] = found[k]!;
      weight.adopt(w!);
      state.forEach((cell, s) => cell.adopt(states[s]!));
    });
  }
}

function mark(coefficient: number): string {
  return coefficient === 0 ? '0' : '1';
}
function numbersOf(values: readonly number[], dtype: DType): TypedArray {
  const numbers = allocate(dtype, values.length);
  numbers.set(values);
  return numbers;
}
