import type { PlanCode } from '@matheron/core-tensor';
import { Constants, type VectorImport, assemble } from './assembler.ts';
import { emitKernel, importsOf } from './emit.ts';
import { withSharedMemory } from '../memory-sharing.ts';
import type { PlanHost } from './host.ts';

/** The module of a plan's kernels, and what it imports. */
export interface CompiledCode {
  readonly module: WebAssembly.Module;
  readonly imports: readonly VectorImport[];
}

const byPlan = new WeakMap<PlanCode, Map<string, CompiledCode>>();
/** Modules by their bytes: plans of other structure whose kernels happen to be the same share one. */
const byBytes = new Map<string, WebAssembly.Module>();
const mostModules = 256;

/** Compiles the kernels of a plan, once for all plans of the structure; undefined where the engine or its policy refuses to compile. */
export function compileCode(code: PlanCode, { build, shared }: PlanHost): CompiledCode | undefined {
  const kind = shared ? `${build}, shared` : build;
  let builds = byPlan.get(code);
  if (!builds) byPlan.set(code, (builds = new Map()));
  let compiled = builds.get(kind);
  if (!compiled) {
    const imports = importsOf(code.kernels), constants = new Constants(build === 'relaxed');
    const bytes = assemble(code.kernels.map((kernel) => emitKernel(kernel, imports, constants, build)), imports, constants);
    const module = moduleOf(shared ? withSharedMemory(bytes) : bytes);
    if (!module) return undefined;
    builds.set(kind, (compiled = { module, imports }));
  }
  return compiled;
}

function moduleOf(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined {
  const key = textOf(bytes);
  let module = byBytes.get(key);
  if (module) byBytes.delete(key);
  else {
    try {
      module = new WebAssembly.Module(bytes);
    } catch (error) {
      // A policy forbids compilation at run time, or the module is too large for the main thread.
      if (error instanceof WebAssembly.CompileError && WebAssembly.validate(bytes)) return undefined;
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
  byBytes.set(key, module);
  if (byBytes.size > mostModules) byBytes.delete(byBytes.keys().next().value!);
  return module;
}
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let k = 0; k < bytes.length; k += 4096) text += String.fromCharCode.apply(undefined, bytes.subarray(k, k + 4096) as unknown as number[]);
  return text;
}
