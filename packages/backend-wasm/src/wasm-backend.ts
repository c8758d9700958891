import { CpuBackend, type CpuTensor, type FloatArray, compact, denseTensor } from '@matheron/backend-cpu';
import { type BinaryOp, type Capabilities, type Executable, type ExecutablePair, type Plan, type PlanPair, type TriangularSolveOptions, type UnaryOp, allocate, isFloat } from '@matheron/core-tensor';
import type { MatrixRoutines } from './compile/calls.ts';
import { compilePlan } from './compile/executable.ts';
import { compilePair } from './compile/pair.ts';
import type { PlanHost } from './compile/host.ts';
import { decompositionRoom } from './decompositions.ts';
import { hasKernel, mapChunks, powerFrom, powers, unaryKernels } from './elementwise.ts';
import { type Build, type CoreKernels, instantiateCore } from './engine.ts';
import { choleskyFactors, choleskyFrom, wasmKernels } from './matrix-kernels.ts';
import { Scratch } from './scratch.ts';

/**
 * The backend with SIMD kernels in WebAssembly. Tensors are those of backend-cpu, ordinary typed arrays: kernels work on copies in one
 * bounded scratch memory, so nothing has to be freed. What a copy would cost more than it gains runs in TypeScript.
 *
 * float32 is computed in double and rounded when stored, but for `matmul`, which multiplies and adds in float32.
 * AllocationError for matrices beyond the 4 GiB that WebAssembly addresses; BackendUnavailableError where there is no SIMD.
 */
export class WasmBackend extends CpuBackend {
  override readonly capabilities: Capabilities = { fuse: true, triangular: true, lanes: 2, maxUnroll: 16 };
  readonly #scratch: Scratch;
  #host: PlanHost | undefined;
  constructor(options: { readonly build?: Build; readonly name?: string; readonly scratch?: Scratch } = {}) {
    const scratch = options.scratch ?? new Scratch(options.build);
    super(options.name ?? 'wasm', wasmKernels(scratch));
    this.#scratch = scratch;
  }

  /** The build of the modules that runs here. */
  get build(): Build {
    return this.#scratch.build;
  }
  /** Compiles and starts without blocking. */
  prepare(): Promise<void> {
    return this.#scratch.prepare();
  }

  /** Kernels made for the plan, on a memory that all plans of the function share. Where the engine's policy forbids compilation at run time, undefined: the plan's calls are then made one by one. */
  compile(plan: Plan): Executable | undefined {
    return compilePlan(plan, this, (this.#host ??= this.planHost()));
  }
  /** The same for two halves of a computation, whose values stay in place between them. */
  compilePair(pair: PlanPair): ExecutablePair | undefined {
    return compilePair(pair, this, (this.#host ??= this.planHost()));
  }
  /** A buffer goes back to where compiled functions made it. */
  reuse(x: CpuTensor): void {
    const { origin } = x;
    x.origin = undefined;
    if (origin) origin.spare = x.data;
  }
  /** Where compiled plans run. */
  protected planHost(): PlanHost {
    const { build } = this;
    return {
      build, shared: false, workspaces: 1,
      createMemory: (pages) => new WebAssembly.Memory({ initial: pages, maximum: 65536 }),
      instantiate: (memory) => instantiateCore(memory, build),
      routinesOn: (memory, kernels) => this.routinesOn(memory, kernels),
      kernelOn: (_memory, _module, _name, _kernel, _elements, run) => run,
    };
  }
  /** The heavy routines of compiled plans; a backend that has faster ones for the same memory overrides it. */
  protected routinesOn(_memory: WebAssembly.Memory, kernels: CoreKernels): MatrixRoutines {
    return { ...kernels, overwrites: false };
  }

  override unary(op: UnaryOp, x: CpuTensor): CpuTensor {
    if (!hasKernel(op) || x.size < unaryKernels[op] || x.step === 0 || !isFloat(x.dtype)) return super.unary(op, x);
    const data = allocate(x.dtype, x.size) as FloatArray;
    mapChunks(this.#scratch, op, compact(x) as FloatArray, data);
    return denseTensor(data, x.shape, x.dtype);
  }

  override binary(op: BinaryOp, a: CpuTensor, b: CpuTensor): CpuTensor {
    if (op !== 'pow' || a.size < powerFrom || !isFloat(a.dtype) || a.step === 0 || b.step === 0) return super.binary(op, a, b);
    const data = allocate(a.dtype, a.size) as FloatArray;
    powers(this.#scratch, compact(a) as FloatArray, compact(b) as FloatArray, data);
    return denseTensor(data, a.shape, a.dtype);
  }

  override cholesky(a: CpuTensor): { factor: CpuTensor; info: CpuTensor } {
    checkMatrix(a);
    if (a.dtype !== 'float64' || a.shape.at(-1)! < choleskyFrom) return super.cholesky(a);
    return choleskyFactors(this.#scratch, a);
  }
  override choleskyInverse(l: CpuTensor): CpuTensor {
    checkMatrix(l);
    return super.choleskyInverse(l);
  }
  override triangularSolve(l: CpuTensor, b: CpuTensor, options: TriangularSolveOptions): CpuTensor {
    checkMatrix(l, b);
    return super.triangularSolve(l, b, options);
  }
  override lu(a: CpuTensor): { lu: CpuTensor; permutation: CpuTensor; info: CpuTensor } {
    Scratch.check(8 * decompositionRoom.lu(a.shape.at(-1)!));
    return super.lu(a);
  }
  override qr(a: CpuTensor, options: { readonly pivot: boolean }): { q: CpuTensor; r: CpuTensor; permutation: CpuTensor } {
    Scratch.check(8 * decompositionRoom.qr(a.shape.at(-2)!, a.shape.at(-1)!));
    return super.qr(a, options);
  }
  override eigh(a: CpuTensor): { values: CpuTensor; vectors: CpuTensor } {
    Scratch.check(8 * decompositionRoom.eigh(a.shape.at(-1)!));
    return super.eigh(a);
  }
  override svd(a: CpuTensor): { u: CpuTensor; s: CpuTensor; vt: CpuTensor } {
    const m = a.shape.at(-2)!, n = a.shape.at(-1)!;
    Scratch.check(8 * decompositionRoom.svd(Math.max(m, n), Math.min(m, n)));
    return super.svd(a);
  }
}

/** AllocationError, before anything is copied, where one matrix of each operand together exceed the address space. */
function checkMatrix(...xs: readonly CpuTensor[]): void {
  let elements = 0;
  for (const { shape } of xs) elements += shape.at(-2)! * shape.at(-1)!;
  Scratch.check(8 * elements);
}
