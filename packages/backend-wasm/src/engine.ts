import { BackendUnavailableError } from '@matheron/core-tensor';
import { coreModule } from './generated/core.ts';
import { decompositionsModule } from './generated/decompositions.ts';

/** The two builds of each module: plain SIMD, and relaxed SIMD with fused multiply-add. */
export type Build = 'simd' | 'relaxed';

type Unary = (n: number, x: number, y: number) => void;

/**
 * The exports of the core module. Pointers are byte offsets into the memory it was instantiated on, aligned to the element; strides count
 * elements and may be negative or 0; `ws` is the offset of `workspaceBytes` bytes for packed panels, aligned to 16.
 */
export interface CoreKernels {
  /** C (m×n) += alpha · A (m×k) · B (k×n); with `lower` the entries above C's diagonal are left alone. */
  gemm(
    m: number, n: number, k: number, alpha: number, a: number, aRows: number, aColumns: number, b: number, bRows: number, bColumns: number,
    c: number, cRows: number, cColumns: number, lower: number, ws: number,
  ): void;
  /** C += A · B in float32; C's columns are contiguous. */
  gemm32(
    m: number, n: number, k: number, a: number, aRows: number, aColumns: number, b: number, bRows: number, bColumns: number, c: number, cRows: number, ws: number,
  ): void;
  /** T X = B in place, T n×n, B n×m. `upper`: the triangle of T that is read; transposes and right sides are exchanged strides. */
  trsm(
    upper: number, unit: number, n: number, m: number, t: number, tRows: number, tColumns: number, b: number, bRows: number, bColumns: number, ws: number,
  ): void;
  /** B (n×m) ← T B, T upper triangular n×n; rows of B are contiguous. */
  trmm(n: number, m: number, t: number, tRows: number, tColumns: number, b: number, bRows: number, ws: number): void;
  /** B (m×n) ← B T, T lower triangular n×n; both row-major. */
  trmmRight(n: number, m: number, t: number, ldt: number, b: number, ldb: number, ws: number): void;
  /** A (m×n) ← −A */
  negate(m: number, n: number, a: number, lda: number): void;
  /** A = L Lᵀ in place, lower triangle only. 0, or the failing pivot from 1; L is NaN from its column on. */
  potrf(n: number, a: number, lda: number, ws: number): number;
  /** The lower triangle of (L Lᵀ)⁻¹ in place. */
  potri(n: number, a: number, lda: number, ws: number): void;
  /** L⁻¹ in place. */
  trtri(n: number, a: number, lda: number, ws: number): void;
  /** The lower triangle of Lᵀ L in place. */
  lauum(n: number, a: number, lda: number, ws: number): void;
  /** NaN in the lower triangle from column `from` on. */
  poison(from: number, n: number, a: number, lda: number): void;
  zeroUpper(n: number, a: number, lda: number): void;
  /** The lower triangle copied onto the upper one. */
  mirrorLower(n: number, a: number, lda: number): void;
  // y[i] = f(x[i]) over n float64; x and y may be the same
  exp: Unary; expm1: Unary; log: Unary; log1p: Unary; tanh: Unary; sigmoid: Unary; softplus: Unary; sin: Unary; cos: Unary; erf: Unary; lgamma: Unary; sqrt: Unary;
  /** z[i] = x[i] ^ y[i] */
  pow(n: number, x: number, y: number, z: number): void;
  /** float64 ← float32 and back. */
  promote: Unary;
  demote: Unary;
  sum(n: number, x: number): number;
  dot(n: number, x: number, y: number): number;
  // (v128) → v128, two float64 lanes: not callable from JavaScript, only importable by another module.
  readonly expLanes: object; readonly expm1Lanes: object; readonly logLanes: object; readonly log1pLanes: object; readonly tanhLanes: object;
  readonly sigmoidLanes: object; readonly softplusLanes: object; readonly sinLanes: object; readonly cosLanes: object; readonly erfLanes: object; readonly lgammaLanes: object;
  /** (v128, v128) → v128 */
  readonly powLanes: object;
}

/** The exports of the second module; `work` as each says in assembly/, `ws` as in `CoreKernels`. */
export interface DecompositionKernels {
  /** PA = LU in place (n×n); int32 permutation. 0, or the first zero pivot from 1. */
  lu(n: number, a: number, permutation: number, ws: number): number;
  /** R and the reflectors in place of A (m×n). */
  qr(m: number, n: number, a: number, tau: number, work: number, ws: number): void;
  qrPivoted(m: number, n: number, a: number, tau: number, permutation: number, work: number): void;
  /** The first `columns` columns of the product of `count` reflectors. */
  formQ(
    rows: number, columns: number, count: number, x: number, xRows: number, xColumns: number, tau: number, q: number, qRows: number, qColumns: number, work: number, ws: number,
  ): void;
  /** Eigenvalues to d, vectors to the rows of Z; 0 where the iteration didn't converge. */
  eigh(n: number, a: number, d: number, z: number, work: number, ws: number): number;
  /** A (m×n, m ≥ n) = Uᵀ diag(d) V, U n×m and V n×n; 0 where the iteration didn't converge. */
  svd(m: number, n: number, a: number, d: number, u: number, v: number, work: number, ws: number): number;
}

/** Bytes of workspace that products, solves and factorizations take. */
export const workspaceBytes: number = 1 << 21;

// (module (func (result v128) i32.const 0 i8x16.splat)), and the same with f64x2.relaxed_madd
const probe = (...body: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, body.length + 4, 1, body.length + 2, 0, ...body, 11);
const splat: readonly number[] = [65, 0, 253, 15];
const probes: { readonly [B in Build]: () => Uint8Array<ArrayBuffer> } = {
  simd: () => probe(...splat),
  relaxed: () => probe(...splat, ...splat, ...splat, 253, 135, 2),
};

/** Whether this engine runs a build. */
export function canRun(build: Build): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(probes[build]());
}

/** The build that is fastest here. BackendUnavailableError where there is no SIMD. */
export function bestBuild(): Build {
  if (canRun('relaxed')) return 'relaxed';
  if (canRun('simd')) return 'simd';
  throw new BackendUnavailableError('wasm', 'this engine has no WebAssembly with 128-bit SIMD', 'use cpu() of @matheron/backend-cpu, or a runtime from 2021 on', ['simd', 'relaxed']);
}

/** The bytes of a module that is inlined as base64. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = binary.charCodeAt(k);
  return bytes;
}

/** A WebAssembly module compiled at first use, once for all instances. */
export class LazyModule {
  readonly #bytes: { readonly [B in Build]: string };
  readonly #change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  readonly #compiled = new Map<Build, WebAssembly.Module>();
  /** `change` is applied to the bytes before they are compiled. */
  constructor(bytes: { readonly [B in Build]: string }, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (same) => same) {
    this.#bytes = bytes;
    this.#change = change;
  }
  /** Synchronously. BackendUnavailableError, with the remedy, where the engine refuses that. */
  get(build: Build): WebAssembly.Module {
    let module = this.#compiled.get(build);
    if (!module) {
      try {
        module = new WebAssembly.Module(this.#change(decode(this.#bytes[build])));
      } catch (cause) {
        if (!canRun(build)) throw new BackendUnavailableError('wasm', `this engine doesn't run the '${build}' build`, 'leave the choice to bestBuild()', [build], { cause });
        throw new BackendUnavailableError('wasm', `the engine refused to compile a module synchronously (${String(cause)})`, 'call await initWasm() first', [build], { cause });
      }
      this.#compiled.set(build, module);
    }
    return module;
  }
  /** Off the main thread where the engine does that. */
  async prepare(build: Build): Promise<void> {
    if (!this.#compiled.has(build)) this.#compiled.set(build, await WebAssembly.compile(this.#change(decode(this.#bytes[build]))));
  }
}

const core = new LazyModule(coreModule), decompositions = new LazyModule(decompositionsModule);

/**
 * The core kernels on a memory of the caller's. The first 1024 bytes are theirs, for tables, which compiled plans read too; of the rest nothing is touched but what the
 * pointers of each call say.
 */
export function instantiateCore(memory: WebAssembly.Memory, build: Build = bestBuild()): CoreKernels {
  return new WebAssembly.Instance(core.get(build), coreImports(memory)).exports as unknown as CoreKernels;
}

/** As `instantiateCore`, for engines that refuse to compile larger modules synchronously. */
export async function prepareCore(memory: WebAssembly.Memory, build: Build = bestBuild()): Promise<CoreKernels> {
  await core.prepare(build);
  return (await WebAssembly.instantiate(core.get(build), coreImports(memory))).exports as unknown as CoreKernels;
}

/** What the core module imports: memory, and the host's functions for arguments that the vector code leaves to it. */
export function coreImports(memory: WebAssembly.Memory): WebAssembly.Imports {
  return { env: { memory, sin: Math.sin, cos: Math.cos, pow: Math.pow } };
}

/** The second module on the memory that `core` was instantiated on. */
export function instantiateDecompositions(memory: WebAssembly.Memory, { gemm, trsm }: CoreKernels, build: Build = bestBuild()): DecompositionKernels {
  return new WebAssembly.Instance(decompositions.get(build), { env: { memory }, core: { gemm, trsm } as WebAssembly.ModuleImports }).exports as unknown as DecompositionKernels;
}

/** Compiles the second module without blocking; it is still instantiated at first use. */
export function prepareDecompositions(build: Build = bestBuild()): Promise<void> {
  return decompositions.prepare(build);
}
