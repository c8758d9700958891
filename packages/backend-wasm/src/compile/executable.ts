import { type BufferOrigin, type CpuBackend, type CpuTensor, copyInto, denseTensor } from '@matheron/backend-cpu';
import { type BackendTensor, type DType, type Executable, type Plan, type Shape, type StepSummary, type TypedArray, bytesOf, rowMajorStrides, sizeOf } from '@matheron/core-tensor';
import { bindCall } from './calls.ts';
import { type CompiledCode, compileCode } from './code.ts';
import type { KernelFunction, PlanHost } from './host.ts';
import { type FunctionMemory, type Region, leaveMemory, takeMemory } from './memory.ts';

/** Memories by host and compiled function. */
const hosts = new WeakMap<PlanHost, WeakMap<object, FunctionMemory>>();
function memoriesOn(host: PlanHost): WeakMap<object, FunctionMemory> {
  let memories = hosts.get(host);
  if (!memories) hosts.set(host, (memories = new WeakMap()));
  return memories;
}

/** Inputs up to so many elements are copied each time; of larger ones it is remembered which was copied last. */
const smallInput = 64;
let serials = 0;

/** Where values of an executable stand, for another that begins with them: the first byte of an input or an output. undefined for an input that isn't used. */
export interface Places {
  input(k: number): number | undefined;
  output(k: number): number;
}

/** A plan made ready: its kernels compiled, its places in the memory of its function taken. undefined where the engine refuses to compile, or has no more memory. */
export function compilePlan(plan: Plan, backend: CpuBackend, host: PlanHost): WasmExecutable | undefined {
  const code = compileCode(plan.layout.code, host);
  if (!code) return undefined;
  const memories = memoriesOn(host);
  let memory = memories.get(plan.owner);
  try {
    if (!memory) memories.set(plan.owner, (memory = takeMemory(host)));
    return new WasmExecutable(plan, code, memory, backend, host);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Views = { readonly [D in DType]: TypedArray };

export class WasmExecutable implements Executable {
  readonly #plan: Plan;
  readonly #code: CompiledCode;
  readonly #memory: FunctionMemory;
  readonly #backend: CpuBackend;
  readonly #host: PlanHost;
  #disposed = false;
  readonly #region: Region;
  /** Bytes of the argument blocks, which come first. */
  readonly #words: number;
  #buffer: ArrayBuffer | undefined;
  #runs: (() => void)[] = [];
  #inputs: (InputSlot | undefined)[] = [];
  #outputs: OutputSlot[] = [];
  #constants: { view: TypedArray; values: TypedArray }[] = [];
  /** Buffers that stand in the memory of another executable: their first bytes there. */
  readonly #elsewhere = new Map<number, number>();

  constructor(plan: Plan, code: CompiledCode, memory: FunctionMemory, backend: CpuBackend, host: PlanHost) {
    this.#plan = plan;
    this.#code = code;
    this.#memory = memory;
    this.#backend = backend;
    this.#host = host;
    const { steps, bytes } = plan.layout;
    let words = 0;
    for (const step of steps) if (step.kind === 'kernel') words += plan.layout.code.kernels[step.kernel]!.words;
    this.#words = Math.ceil((8 * words) / 64) * 64;
    this.#region = memory.reserve(this.#words + bytes);
  }

  get bytes(): number {
    return this.#words + this.#plan.layout.bytes;
  }
  describe(): readonly StepSummary[] {
    return this.#plan.layout.steps.map(({ summary }) => summary);
  }
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#memory.release(this.#region);
    this.#buffer = undefined;
    this.#runs = [];
    const memories = memoriesOn(this.#host);
    if (this.#memory.plans > 0 || memories.get(this.#plan.owner) !== this.#memory) return;
    memories.delete(this.#plan.owner);
    leaveMemory(this.#memory, this.#host);
  }

  run(inputs: readonly BackendTensor[]): BackendTensor[] {
    this.load(inputs, 0);
    this.execute();
    return this.take(0, this.#outputs.length);
  }
  /** Whether other plans of the function may stand where it does. */
  get shared(): boolean {
    return this.#region.shared;
  }
  get places(): Places {
    const { layout } = this.#plan;
    return {
      input: (k) => (layout.inputs[k] === undefined ? undefined : this.#byteOf(layout.inputs[k])),
      output: (k) => this.#byteOf(layout.outputs[k]!),
    };
  }
  /** From now on input `k` is what stands at `byte`, and isn't given. */
  takeFrom(k: number, byte: number): void {
    const buffer = this.#plan.layout.inputs[k];
    if (buffer !== undefined) this.#elsewhere.set(buffer, byte);
    this.#buffer = undefined;
  }
  get outputCount(): number {
    return this.#outputs.length;
  }
  /** Brings inputs to their places, from input `from` on. */
  load(inputs: readonly BackendTensor[], from: number): void {
    const moved = this.#buffer !== this.#memory.memory.buffer;
    const replaced = this.#region.shared && this.#memory.tenant !== this;
    if (moved) this.#bind();
    if (moved || replaced) this.#fill();
    for (let k = 0; k < inputs.length; k++) this.#inputs[from + k]?.put(inputs[k] as CpuTensor);
  }
  execute(): void {
    for (const run of this.#runs) run();
  }
  /** Copies of outputs. */
  take(from: number, to: number): CpuTensor[] {
    // The memory may have grown for another plan since the run: what stands in it is the same.
    if (this.#buffer !== this.#memory.memory.buffer) this.#bind();
    const { outputs } = this.#plan.graph;
    const taken: CpuTensor[] = [];
    for (let k = from; k < to; k++) taken.push(this.#outputs[k]!.take(outputs[k]!.shape, outputs[k]!.dtype));
    return taken;
  }
  /** Puts copies of outputs back in place. */
  restore(from: number, values: readonly CpuTensor[]): void {
    values.forEach(({ data }, k) => this.#outputs[from + k]!.view.set(data));
  }

  #byteOf(buffer: number): number {
    return this.#elsewhere.get(buffer) ?? this.#region.at + this.#words + this.#plan.layout.buffers[buffer]!.at;
  }

  /** Everything that hangs on the memory's buffer, which a growing memory replaces. */
  #bind(): void {
    const { layout, graph } = this.#plan;
    const { memory, kernels, workspace } = this.#memory;
    const buffer = memory.buffer as ArrayBuffer;
    const views: Views = { float64: new Float64Array(buffer), float32: new Float32Array(buffer), int32: new Int32Array(buffer), bool: new Uint8Array(buffer) };
    const byteOf = (k: number): number => this.#byteOf(k);
    const viewOf = (k: number, size: number, dtype: DType): TypedArray => {
      const at = byteOf(k) / bytesOf(dtype);
      return views[dtype].subarray(at, at + size);
    };
    const instance = layout.code.kernels.length > 0 ? this.#memory.instance(this.#code.module, this.#code.imports.map(({ name }) => name)) : undefined;
    const environment = { backend: this.#backend, kernels, routines: this.#host.routinesOn(memory, kernels), workspace, byteOf, all: (dtype: DType) => views[dtype] };
    let block = this.#region.at;
    this.#runs = layout.steps.map((step) => {
      if (step.kind === 'call') return bindCall(step, environment);
      const kernel = layout.code.kernels[step.kernel]!, name = `k${step.kernel}`, { extents } = step, extent = extents[0] ?? 0;
      const f = this.#host.kernelOn(memory, this.#code.module, name, kernel, extents.reduce((n, size) => n * size, 1), instance!.exports[name] as KernelFunction);
      const at = block;
      block += 8 * kernel.words;
      if (step.fills.length === 0) return () => f(at, 0, extent);
      const fills = step.fills.map(({ buffer: k, value }) => ({ view: viewOf(k, sizeOf(layout.buffers[k]!.shape), layout.buffers[k]!.dtype), value }));
      return () => {
        for (const { view, value } of fills) view.fill(value);
        f(at, 0, extent);
      };
    });
    this.#inputs = layout.inputs.map((k, position) => (k === undefined || this.#elsewhere.has(k) ? undefined : new InputSlot(viewOf(k, sizeOf(graph.inputs[position]!.shape), graph.inputs[position]!.dtype))));
    this.#outputs = layout.outputs.map((k, position) => new OutputSlot(viewOf(k, sizeOf(graph.outputs[position]!.shape), graph.outputs[position]!.dtype)));
    this.#constants = layout.constants.map(({ buffer: k, values }) => ({ view: viewOf(k, values.length, layout.buffers[k]!.dtype), values }));
    this.#buffer = buffer;
  }
  /** What stands in memory before the first run: argument blocks and constants. */
  #fill(): void {
    const { layout } = this.#plan;
    const buffer = this.#buffer!;
    const integers = new Int32Array(buffer), numbers = new Float64Array(buffer);
    let at = this.#region.at / 8;
    for (const step of layout.steps) {
      if (step.kind !== 'kernel') continue;
      for (const word of step.arguments) {
        if (word.kind === 'number') numbers[at] = word.value;
        else integers[2 * at] = word.kind === 'integer' ? word.value : this.#byteOf(word.buffer) + word.offset;
        at++;
      }
    }
    for (const { view, values } of this.#constants) view.set(values);
    for (const input of this.#inputs) input?.forget();
    this.#memory.tenant = this;
  }
}

/** Where an input goes. */
class InputSlot {
  readonly #view: TypedArray;
  #last = 0;
  constructor(view: TypedArray) {
    this.#view = view;
  }
  put(x: CpuTensor): void {
    const view = this.#view;
    if (x.size === 1) {
      view[0] = x.data[x.offset]!;
      return;
    }
    if (x.size > smallInput) {
      if (x.serial === 0) x.serial = ++serials;
      if (x.serial === this.#last) return;
      this.#last = x.serial;
    }
    if (x.step !== 1) copyInto(x, view, rowMajorStrides(x.shape), 0);
    else view.set(x.offset === 0 && x.data.length === x.size ? x.data : x.data.subarray(x.offset, x.offset + x.size));
  }
  forget(): void {
    this.#last = 0;
  }
}

/** Where an output stands. */
class OutputSlot implements BufferOrigin {
  readonly view: TypedArray;
  spare: TypedArray | undefined = undefined;
  constructor(view: TypedArray) {
    this.view = view;
  }
  /** A copy of what stands there. */
  take(shape: Shape, dtype: DType): CpuTensor {
    const { view, spare } = this;
    if (view.length <= smallInput) return denseTensor(view.slice(), shape, dtype);
    this.spare = undefined;
    spare?.set(view);
    const x = denseTensor(spare ?? view.slice(), shape, dtype);
    x.origin = this;
    return x;
  }
}
