import { type BackendTensor, type Cell, type ExecutablePair, type Graph, type GraphNode, type GraphValue, type Tensor, backendOf, borrowTensor, currentLevel, liftTo, storageOf, wrapTensor } from '@matheron/core-tensor';
import { pullback } from '@matheron/autograd';
import { canonical, makeGraph } from './graph.ts';
import { preparePair } from './prepare.ts';
import { type Argument, Program, type ProgramInput, floatOutputs, traceSource } from './program.ts';

/** Runs a program's source on variables of a new level above that of the arguments. */
function differentiate(program: Program, mask: readonly boolean[], args: readonly Argument[], trace: Parameters<Program['source']>[1]): ReturnType<typeof pullback> {
  const { ctx, name } = program.setting;
  const base = currentLevel(args.map(({ tensor }) => tensor), ctx);
  const inputs = args.map(({ tensor, handle }, k) => ({ value: liftTo(tensor, base), handle, variable: mask[k]! }));
  return pullback(name, base, ctx, inputs, (own) => program.source(own, trace));
}
function zerosLike({ tensor }: Argument): Tensor {
  const b = backendOf(tensor);
  return borrowTensor(b, b.full(0, tensor.shape, tensor.dtype), tensor.ctx);
}
function vjpInputs(program: Program): readonly ProgramInput[] {
  const { traced } = program;
  return [...traced.inputs, ...floatOutputs(traced).map((k) => ({ shape: traced.graph.outputs[k]!.shape, dtype: traced.graph.outputs[k]!.dtype, implicit: undefined }))];
}
/** Seeds by output, from the arguments after the program's own. */
function seedsOf(program: Program, seeds: readonly Argument[]): (Tensor | undefined)[] {
  const byOutput: (Tensor | undefined)[] = [];
  floatOutputs(program.traced).forEach((k, q) => (byOutput[k] = seeds[q]!.tensor));
  return byOutput;
}

/** (inputs, gradients of the float outputs) → gradients of the masked inputs: a program in turn. The forward pass is part of it. */
export function vjpProgram(program: Program, mask: readonly boolean[]): Program {
  const count = program.traced.inputs.length;
  const setting = { ...program.setting, name: `vjp(${program.setting.name})` };
  return new Program(setting, vjpInputs(program), (args, trace) => {
    const own = args.slice(0, count);
    const { pull } = differentiate(program, mask, own, trace);
    const found = pull(seedsOf(program, args.slice(count)));
    return own.flatMap((arg, k) => (mask[k] ? [found[k] ?? zerosLike(arg)] : []));
  });
}

/**
 * The first derivative of a program as two executables: forward with residuals, and backward from them. Both come from one graph, cut where the
 * part that depends on the gradients of the outputs begins; what is cheap to make again isn't kept.
 */
export class JointProgram {
  readonly #program: Program;
  readonly #mask: readonly boolean[];
  readonly #prepare: () => ExecutablePair;
  #pair: ExecutablePair | undefined;
  readonly #seeds: readonly number[];
  readonly #extra: readonly ProgramInput[];

  constructor(program: Program, mask: readonly boolean[]) {
    this.#program = program;
    this.#mask = mask;
    const { setting, traced, base } = program;
    const count = traced.inputs.length;
    const seeds = floatOutputs(traced);
    const joint = traceSource(setting, vjpInputs(program), (args, trace) => {
      const own = args.slice(0, count);
      const { outputs, pull } = differentiate(program, mask, own, trace);
      const found = pull(seedsOf(program, args.slice(count)));
      return [...outputs, ...own.flatMap((arg, k) => (mask[k] ? [found[k] ?? zerosLike(arg)] : []))];
    });
    const { inputs, outputs } = joint.graph;
    const gradients = mask.filter(Boolean).length;
    const primal = outputs.slice(0, joint.explicit - gradients);
    const effects = traced.effects.map(({ cell, deferred }) => {
      const effect = joint.effects.find((e) => e.cell === cell && e.deferred === deferred);
      return effect ? outputs[effect.output]! : cellInput(joint, cell);
    });
    const pulled = outputs.slice(joint.explicit - gradients, joint.explicit);
    const { residuals, saved } = partition(joint.graph, inputs.slice(count, count + seeds.length), pulled);
    const savedInputs = inputs.flatMap((v, k) => (saved.has(v) && (k < count || k >= count + seeds.length) ? [k] : []));
    const own = inputs.filter((_, k) => k < count || k >= count + seeds.length);
    const forward = makeGraph(own, [...primal, ...effects, ...residuals]);
    const backward = makeGraph([...savedInputs.map((k) => inputs[k]!), ...residuals, ...inputs.slice(count, count + seeds.length)], pulled);
    this.#extra = joint.inputs.slice(count + seeds.length);
    this.#seeds = seeds;
    const pair = { first: forward, second: backward, outputs: primal.length + effects.length, saved: savedInputs.map((k) => (k < count ? k : k - seeds.length)) };
    this.#prepare = () => preparePair(base, pair, setting.name, setting.owner, (x) => wrapTensor(base, x, setting.ctx));
    this.#pair = this.#prepare();
  }

  /** The outputs, and what stands for what backward needs. */
  forward(xs: readonly BackendTensor[]): { outputs: BackendTensor[]; run: ForwardRun } {
    const inputs = this.#extra.length === 0 ? xs : [...xs, ...this.#extra.map(({ implicit }) => ('cell' in implicit! ? storageOf(implicit.cell.peek()) : implicit!.storage))];
    const { outputs, held } = (this.#pair ??= this.#prepare()).first(inputs);
    return { outputs, run: { inputs, held } };
  }
  backward(g: readonly (Tensor | undefined)[], { inputs, held }: ForwardRun): (Tensor | undefined)[] {
    const { base, setting, traced } = this.#program;
    const seeds = this.#seeds.map((k) => {
      const { shape, dtype } = traced.graph.outputs[k]!;
      const weight = g[k];
      return weight ? storageOf(weight) : base.full(0, shape, dtype);
    });
    const found = this.#pair ? this.#pair.second(held, seeds) : this.#afresh(inputs, seeds);
    let next = 0;
    return this.#mask.map((wanted) => (wanted ? wrapTensor(base, found[next++]!, setting.ctx) : undefined));
  }
  /** Both passes, where what the forward pass left went with the executables: disposed of, or displaced by other traces. */
  #afresh(inputs: readonly BackendTensor[], seeds: readonly BackendTensor[]): BackendTensor[] {
    const pair = this.#prepare();
    try {
      return pair.second(pair.first(inputs).held, seeds);
    } finally {
      pair.dispose();
    }
  }
  dispose(): void {
    this.#pair?.dispose();
    this.#pair = undefined;
  }
}

/** What a forward pass took and left for a backward pass. */
export interface ForwardRun {
  readonly inputs: readonly BackendTensor[];
  readonly held: object;
}

/** A Cell that this trace left alone keeps its value. */
function cellInput(joint: { graph: Graph; inputs: readonly ProgramInput[] }, cell: Cell): GraphValue {
  return joint.graph.inputs[joint.inputs.findIndex(({ implicit }) => implicit && 'cell' in implicit && implicit.cell === cell)]!;
}

const movements: ReadonlySet<string> = new Set(['reshape', 'permute', 'broadcastTo', 'slice', 'full', 'iota']);

/**
 * Where to cut: the values that don't depend on `seeds` but are needed for `outputs`. Movement and constants are made again from what
 * they move.
 */
export function partition(graph: Graph, seeds: readonly GraphValue[], outputs: readonly GraphValue[]): { residuals: GraphValue[]; saved: ReadonlySet<GraphValue> } {
  const dependent = new Set<GraphNode>(seeds.map(({ node }) => node));
  for (const node of graph.nodes) if (node.call?.inputs.some((x) => dependent.has(x.node))) dependent.add(node);
  const inputs = new Set<GraphValue>(graph.inputs);
  const saved = new Set<GraphValue>();
  const residuals = new Set<GraphValue>();
  const visited = new Set<GraphNode>();
  const needs = (v: GraphValue): void => {
    const value = canonical(v);
    if (inputs.has(value)) {
      if (!dependent.has(value.node)) saved.add(value);
      return;
    }
    const { node } = value;
    const { call, constant } = node;
    if (constant) return;
    if (dependent.has(node)) return;
    if (!movements.has(call!.kind)) {
      residuals.add(value);
      return;
    }
    if (visited.has(node)) return;
    visited.add(node);
    call!.inputs.forEach(needs);
  };
  for (const node of graph.nodes) if (dependent.has(node)) node.call?.inputs.forEach(needs);
  outputs.forEach(needs);
  return { residuals: [...residuals], saved };
}
