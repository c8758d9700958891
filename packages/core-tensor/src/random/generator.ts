import { Cell } from '../cell.ts';
import { type Context, currentContext } from '../context.ts';
import { type DType, convert } from '../dtype.ts';
import { run1 } from '../dispatch.ts';
import { DTypeError, IndexError, MatheronError } from '../errors.ts';
import { castTo, uploadTo } from '../operands.ts';
import type { TensorOptions } from '../ops/creation.ts';
import { add, less } from '../ops/elementwise.ts';
import { concat, narrow, reshape } from '../ops/movement.ts';
import { type Shape, checkShape, sizeOf } from '../shape.ts';
import { type Tensor, wrapTensor } from '../tensor.ts';
import { gammaVariate, polarNormal } from './gamma.ts';
import { checkGamma, checkScale, uniformRange } from './parameters.ts';
import type { Rng } from './rng.ts';
import { ThreefryStream, threefry2x32 } from './threefry.ts';

const TWO32 = 4294967296n;
const SIGN = -2147483648;

/**
 * A counter-based generator (Threefry-2x32-20): the same stream on every backend. Its counter is a Cell, so draws inside a compiled
 * function advance it too. `split` gives independent generators. Uniforms carry 53 bits in float64 and 24 in float32; normals are
 * √2·erfinv of a symmetric uniform. gamma and permutation run on the host, and integers on devices without float64: inside a trace these refuse.
 */
export class Generator implements Rng {
  #key: readonly [number, number];
  /** Counters by context with the version last seen: a Cell whose version has moved on holds the newest. */
  #counters: { ctx: Context; cell: Cell; key: Cell; version: number }[] = [];
  #start: readonly [number, number] = [0, 0];

  /** `seed`: any integer; its low 64 bits count. Without one, from `crypto.getRandomValues`. */
  constructor(seed?: number | bigint) {
    this.#key = seed === undefined ? entropy() : keyOf(seed);
  }

  uniform(shape: Shape, options: TensorOptions & { low?: number; high?: number } = {}): Tensor {
    const { ctx, dtype } = target('uniform', options);
    const { low, high } = uniformRange(options);
    const u = this.#unit(checkShape('uniform', shape), ctx, dtype);
    return low === 0 && high === 1 ? u : u.mul(high - low).add(low);
  }

  normal(shape: Shape, options: TensorOptions & { mean?: number; std?: number } = {}): Tensor {
    const { ctx, dtype } = target('normal', options);
    const size = checkShape('normal', shape);
    checkScale('normal', 'std', options.std);
    // An odd multiple of 2^-53 (2^-24) in (−1, 1): symmetric, never ±1.
    const half = dtype === 'float64' ? 2 ** 52 : 2 ** 23;
    const odd = this.#integer(size, ctx, dtype).sub(half).mul(2).add(1);
    const z = odd.mul(0.5 / half).erfinv().mul(Math.SQRT2);
    const scaled = options.std === undefined || options.std === 1 ? z : z.mul(options.std);
    return options.mean ? scaled.add(options.mean) : scaled;
  }

  gamma(shape: Shape, options: TensorOptions & { concentration: number; scale?: number }): Tensor {
    const { ctx, dtype } = target('gamma', options);
    checkGamma(options);
    const stream = this.#hostStream(ctx, 'gamma');
    const normal = polarNormal(() => stream.double());
    const size = checkShape('gamma', shape);
    const values = Float64Array.from({ length: sizeOf(size) }, () => gammaVariate(options.concentration, () => stream.double(), normal) * (options.scale ?? 1));
    return uploadTo(ctx, convert(values, dtype), size, dtype);
  }

  integers(low: number, high: number, shape: Shape, options: TensorOptions = {}): Tensor {
    const ctx = options.ctx ?? currentContext();
    const range = high - low;
    if (!Number.isInteger(low) || !Number.isInteger(high) || range <= 0 || low < SIGN || high > -SIGN) {
      throw new IndexError('integers', `integers: [${low}, ${high}) is no range of int32; use integers low < high`, low, high);
    }
    const size = checkShape('integers', shape);
    const dtype = options.dtype ?? 'int32';
    if (ctx.backend.supports('float64')) {
      const scaled = this.#unit(size, ctx, 'float64').mul(range).floor().add(low);
      return castTo(scaled, dtype);
    }
    const stream = this.#hostStream(ctx, 'integers');
    return uploadTo(ctx, convert(Float64Array.from({ length: sizeOf(size) }, () => low + Math.floor(stream.double() * range)), dtype), size, dtype);
  }

  permutation(n: number, options: TensorOptions = {}): Tensor {
    const ctx = options.ctx ?? currentContext();
    checkShape('permutation', [n]);
    const order = this.permutationArray(n, ctx);
    const dtype = options.dtype ?? 'int32';
    return uploadTo(ctx, dtype === 'int32' ? order : convert(order, dtype), [n], dtype);
  }
  /** `permutation` as a plain array on the host (Fisher–Yates). */
  permutationArray(n: number, ctx: Context = currentContext()): Int32Array {
    const stream = this.#hostStream(ctx, 'permutation');
    const order = Int32Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const j = stream.below(k + 1);
      [order[k], order[j]] = [order[j]!, order[k]!];
    }
    return order;
  }

  /** n independent generators; this one moves on. */
  split(n: number): Generator[] {
    checkShape('split', [n]);
    const stream = this.#hostStream(this.#counters[0]?.ctx, 'split');
    return Array.from({ length: n }, () => {
      const child = new Generator(0);
      child.#key = [stream.next() | 0, stream.next() | 0];
      return child;
    });
  }

  /** Key and counter as text: assigning it to any generator continues the stream there. */
  get state(): string {
    const [low, high] = this.#read();
    return `threefry2x32-20:${hex(this.#key[1])}${hex(this.#key[0])}:${hex(high)}${hex(low)}`;
  }
  set state(s: string) {
    const parts = /^threefry2x32-20:([0-9a-f]{8})([0-9a-f]{8}):([0-9a-f]{8})([0-9a-f]{8})$/.exec(s);
    if (!parts) throw new MatheronError('generator-state', `Generator.state: '${s}' is no state of a Generator; assign what another's \`state\` gave`);
    const word = (k: number): number => Number.parseInt(parts[k]!, 16) | 0;
    this.#key = [word(2), word(1)];
    this.#start = [word(4), word(3)];
    for (const c of this.#counters) {
      c.key.write(uploadTo(c.ctx, Int32Array.from(this.#key), [2], 'int32'));
      c.cell.write(uploadTo(c.ctx, Int32Array.from(this.#start), [2], 'int32'));
      c.version = c.cell.version;
    }
  }

  /** Starts anew, as a new generator of this seed would; compiled functions that draw from it follow. */
  reseed(seed: number | bigint): void {
    const [low, high] = keyOf(seed);
    this.state = `threefry2x32-20:${hex(high)}${hex(low)}:${'0'.repeat(16)}`;
  }

  /** The counter on `ctx`, brought up to date with draws elsewhere. */
  #cell(ctx: Context): Cell {
    const newest = this.#counters.find((c) => c.cell.version !== c.version) ?? this.#counters[0];
    let own = this.#counters.find((c) => c.ctx === ctx);
    if (!own) {
      const now = newest ? (newest.cell.peek().dataSync() as Int32Array) : Int32Array.from(this.#start);
      // Made on the base backend even inside a trace: the Cells outlive it.
      const cellOf = (words: Int32Array): Cell => new Cell(wrapTensor(ctx.backend, ctx.backend.upload(words, [2], 'int32'), ctx));
      own = { ctx, cell: cellOf(now), key: cellOf(Int32Array.from(this.#key)), version: 0 };
      this.#counters.push(own);
    } else if (newest && newest !== own && newest.cell.version !== newest.version) {
      own.cell.replace(wrapTensor(ctx.backend, ctx.backend.upload(newest.cell.peek().dataSync(), [2], 'int32'), ctx));
    }
    for (const c of this.#counters) c.version = c.cell.version;
    own.version = -1; // this one is about to be written: it is the newest until the next draw elsewhere
    return own.cell;
  }
  #read(): readonly [number, number] {
    const newest = this.#counters.find((c) => c.cell.version !== c.version) ?? this.#counters[0];
    if (!newest) return this.#start;
    const now = newest.cell.peek().dataSync();
    return [now[0]!, now[1]!];
  }
  /** The counter before `blocks` blocks are used up. */
  #advance(ctx: Context, blocks: number): Tensor {
    const cell = this.#cell(ctx);
    const before = cell.read();
    const low = narrow(before, 0, 0, 1);
    const next = add(low, blocks | 0);
    // Unsigned comparison by flipping the sign bit: a carry where the low word wrapped.
    const carry = less(add(next, SIGN), add(low, SIGN));
    const high = add(narrow(before, 0, 1, 1), castTo(carry, 'int32'));
    cell.write(concat([next, high], 0));
    return before;
  }
  #bits(shape: Shape, ctx: Context, bits: number): Tensor {
    const counter = this.#advance(ctx, Math.ceil(sizeOf(shape) / 2));
    const key = this.#counters.find((c) => c.ctx === ctx)!.key.read();
    return run1('randomBits', [key, counter], { shape, bits });
  }
  /** Uniform integers in [0, 2^53) as float64, or in [0, 2^24) as float32. */
  #integer(shape: Shape, ctx: Context, dtype: DType): Tensor {
    if (dtype === 'float32') return castTo(this.#bits(shape, ctx, 24), 'float32');
    const words = castTo(this.#bits([...shape, 2], ctx, 27), 'float64');
    const axis = shape.length;
    const high = reshape(narrow(words, axis, 0, 1), shape);
    const low = reshape(narrow(words, axis, 1, 1), shape);
    return high.mul(2 ** 26).add(low.mul(0.5).floor());
  }
  #unit(shape: Shape, ctx: Context, dtype: DType): Tensor {
    return this.#integer(shape, ctx, dtype).mul(dtype === 'float64' ? 2 ** -53 : 2 ** -24);
  }
  /** A stream for the host under a key of its own, drawn from one block of this generator. */
  #hostStream(ctx: Context | undefined, caller: string): ThreefryStream {
    const [low, high] = ctx === undefined ? this.#start : this.#hostCounter(ctx, caller);
    if (ctx === undefined) this.#start = [(low + 1) | 0, low === -1 ? (high + 1) | 0 : high];
    return new ThreefryStream(...threefry2x32(this.#key[0], this.#key[1], low, high));
  }
  #hostCounter(ctx: Context, caller: string): readonly [number, number] {
    const before = this.#advance(ctx, 1);
    try {
      const now = before.dataSync();
      return [now[0]!, now[1]!];
    } catch (cause) {
      throw new MatheronError('host-random', `${caller}: draws on the host, which can't be done inside a compiled function or on ${ctx}; draw outside and pass the tensor in`, { cause });
    }
  }
}

function target(op: string, options: TensorOptions): { ctx: Context; dtype: 'float64' | 'float32' } {
  const ctx = options.ctx ?? currentContext();
  const dtype = options.dtype ?? ctx.dtype;
  if (dtype !== 'float64' && dtype !== 'float32') throw new DTypeError(op, dtype, `${op}: draws floats, not ${dtype}; use integers() or compare the result`);
  return { ctx, dtype };
}
function keyOf(seed: number | bigint): readonly [number, number] {
  if (typeof seed !== 'bigint' && !Number.isInteger(seed)) throw new MatheronError('seed', `Generator: the seed ${String(seed)} is no integer`);
  const bits = BigInt.asUintN(64, BigInt(seed));
  return [Number(bits % TWO32) | 0, Number(bits / TWO32) | 0];
}
function entropy(): readonly [number, number] {
  const words = crypto.getRandomValues(new Int32Array(2));
  return [words[0]!, words[1]!];
}
const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

let shared: Generator | undefined;
/** The generator that everything random draws from unless `rng` is passed. */
export function defaultRng(): Generator {
  return (shared ??= new Generator());
}
/** Restarts the default generator from `seed`. */
export function setSeed(seed: number | bigint): void {
  if (shared) shared.reseed(seed);
  else shared = new Generator(seed);
}
