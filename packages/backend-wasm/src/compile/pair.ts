import type { CpuBackend, CpuTensor } from '@matheron/backend-cpu';
import type { BackendTensor, ExecutablePair, PlanPair } from '@matheron/core-tensor';
import { type WasmExecutable, compilePlan } from './executable.ts';
import type { PlanHost } from './host.ts';

/** What stands for a run of the first half. */
class Held {
  readonly inputs: readonly BackendTensor[];
  /** Copies of the outputs for the second half, once their places are taken by another run. */
  kept: readonly CpuTensor[] | undefined;
  /** Whether the second half has run: it seldom does so again. */
  used = false;
  constructor(inputs: readonly BackendTensor[]) {
    this.inputs = inputs;
  }
}

/** Two plans made ready, the second on values of the first where those stand; undefined where their places can't be kept apart. */
export function compilePair({ first, second, outputs, saved }: PlanPair, backend: CpuBackend, host: PlanHost): ExecutablePair | undefined {
  const head = compilePlan(first, backend, host);
  const tail = head && compilePlan(second, backend, host);
  if (!head || !tail || head.shared) {
    tail?.dispose();
    head?.dispose();
    return undefined;
  }
  return new WasmPair(head, tail, outputs, first.graph.outputs.length, saved);
}

class WasmPair implements ExecutablePair {
  readonly #first: WasmExecutable;
  readonly #second: WasmExecutable;
  readonly #outputs: number;
  /** All outputs of the first half. */
  readonly #all: number;
  /** Inputs of the second half that stand in no place of the first: its own position, and the input. */
  readonly #given: { readonly at: number; readonly input: number }[] = [];
  /** Inputs of the second half before its own. */
  readonly #before: number;
  /** The run whose values are in place. */
  #present: Held | undefined;

  constructor(first: WasmExecutable, second: WasmExecutable, outputs: number, all: number, saved: readonly number[]) {
    this.#first = first;
    this.#second = second;
    this.#outputs = outputs;
    this.#all = all;
    this.#before = saved.length + all - outputs;
    const { places } = first;
    saved.forEach((input, at) => {
      const byte = places.input(input);
      if (byte === undefined) this.#given.push({ at, input });
      else second.takeFrom(at, byte);
    });
    for (let k = outputs; k < all; k++) second.takeFrom(saved.length + k - outputs, places.output(k));
  }

  first(inputs: readonly BackendTensor[]): { outputs: BackendTensor[]; held: object } {
    this.#leave();
    this.#first.load(inputs, 0);
    this.#first.execute();
    const held = new Held(inputs);
    this.#present = held;
    return { outputs: this.#first.take(0, this.#outputs), held };
  }
  second(run: object, inputs: readonly BackendTensor[]): BackendTensor[] {
    const held = run as Held;
    if (this.#present !== held) this.#return(held);
    held.used = true;
    for (const { at, input } of this.#given) this.#second.load([held.inputs[input]!], at);
    this.#second.load(inputs, this.#before);
    this.#second.execute();
    return this.#second.take(0, this.#second.outputCount);
  }
  /** Makes room for another run: the values of one that still waits for its second half are kept. */
  #leave(): void {
    const present = this.#present;
    this.#present = undefined;
    if (present && !present.used) present.kept ??= this.#first.take(this.#outputs, this.#all);
  }
  /** Brings the values of an earlier run back: what was kept of them, or, after its second half, computed again. */
  #return(held: Held): void {
    this.#leave();
    this.#first.load(held.inputs, 0);
    if (held.kept) this.#first.restore(this.#outputs, held.kept);
    else this.#first.execute();
    this.#present = held;
  }

  dispose(): void {
    this.#present = undefined;
    this.#second.dispose();
    this.#first.dispose();
  }
}
