import { CpuBackend, type CoreKernels, type CpuTensor, type MatrixKernels, type MatrixRoutines } from '@matheron/backend-wasm/internal';
import { WasmBackend } from '@matheron/backend-wasm';
import type { TriangularSolveOptions } from '@matheron/core-tensor';
import { nativeKernels } from './kernels/index.ts';
import { nativeRoutines } from './kernels/routines-on.ts';
import { Threads } from './kernels/shared.ts';
import { type Thresholds, thresholds } from './kernels/thresholds.ts';
import type { BlasInfo, Library } from './library.ts';

const cpu = CpuBackend.prototype;

/**
 * The backend whose linear algebra is a BLAS and LAPACK of the machine. Tensors are ordinary typed arrays, passed to the library as they are;
 * everything else, and what is too small for a call, is backend-wasm's.
 *
 * float32 is computed in double and rounded when stored, but for `matmul`, which multiplies and adds in float32.
 */
export class NativeBackend extends WasmBackend {
  declare protected readonly kernels: MatrixKernels;
  /** The library that is used. */
  readonly blas: BlasInfo;
  readonly #library: Library;
  readonly #threads: Threads;
  readonly #thresholds: Thresholds;
  constructor(library: Library, options: { readonly threads?: number | undefined; readonly thresholds?: Thresholds } = {}) {
    super({ name: 'native' });
    this.blas = library.info;
    this.#library = library;
    this.#threads = new Threads(library, options.threads ?? library.info.threads);
    this.#thresholds = options.thresholds ?? thresholds;
    this.kernels = nativeKernels(library, this.#threads, this.#thresholds.eager, this.kernels);
  }

  protected override routinesOn(memory: WebAssembly.Memory, kernels: CoreKernels): MatrixRoutines {
    return nativeRoutines(this.#library, this.#threads, this.#thresholds.compiled, memory, kernels);
  }

  // Nothing is copied to a memory of 32-bit addresses, so what backend-wasm refuses is possible again.
  override cholesky(a: CpuTensor): { factor: CpuTensor; info: CpuTensor } {
    return cpu.cholesky.call(this, a) as { factor: CpuTensor; info: CpuTensor };
  }
  override choleskyInverse(l: CpuTensor): CpuTensor {
    return cpu.choleskyInverse.call(this, l);
  }
  override triangularSolve(l: CpuTensor, b: CpuTensor, options: TriangularSolveOptions): CpuTensor {
    return cpu.triangularSolve.call(this, l, b, options);
  }
  override lu(a: CpuTensor): { lu: CpuTensor; permutation: CpuTensor; info: CpuTensor } {
    return cpu.lu.call(this, a);
  }
  override qr(a: CpuTensor, options: { readonly pivot: boolean }): { q: CpuTensor; r: CpuTensor; permutation: CpuTensor } {
    return cpu.qr.call(this, a, options);
  }
  override eigh(a: CpuTensor): { values: CpuTensor; vectors: CpuTensor } {
    return cpu.eigh.call(this, a);
  }
  override svd(a: CpuTensor): { u: CpuTensor; s: CpuTensor; vt: CpuTensor } {
    return cpu.svd.call(this, a);
  }
}
