import { type Context, currentContext } from '../context.ts';
import { type DType, convert } from '../dtype.ts';
import { IndexError, MatheronError } from '../errors.ts';
import { uploadTo } from '../operands.ts';
import type { TensorOptions } from '../ops/creation.ts';
import { type Shape, checkShape, sizeOf } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { binomialVariate } from './binomial.ts';
import { polarNormal } from './gamma.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import { checkGamma, checkScale, uniformRange } from './parameters.ts';
import type { Rng } from './rng.ts';

/**
 * NumPy's legacy `numpy.random.RandomState(seed)`, stream for stream: rand, randn, uniform, normal, randint, permutation, gamma, multinomial
 * give NumPy's numbers. Host-side.
 */
export class RandomState implements Rng {
  readonly #mt: MersenneTwister;
  readonly #gauss: () => number;
  /** `seed` in [0, 2³²). */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw new MatheronError('seed', `RandomState: the seed ${seed} is no integer in [0, 2^32)`);
    this.#mt = new MersenneTwister(seed);
    this.#gauss = polarNormal(() => this.#mt.double());
  }
  /** The next raw 32-bit word. */
  word(): number {
    return this.#mt.next();
  }
  /** One uniform double in [0, 1). */
  random(): number {
    return this.#mt.double();
  }
  /** One standard normal double. */
  gauss(): number {
    return this.#gauss();
  }
  /** Uniform on [0, 1). */
  rand(...shape: number[]): Tensor {
    return this.uniform(shape);
  }
  /** Standard normal. */
  randn(...shape: number[]): Tensor {
    return this.normal(shape);
  }
  /** Integers in [low, high), by masked rejection as NumPy's legacy randint. */
  randint(low: number, high: number, shape: Shape = []): Tensor {
    return this.integers(low, high, shape);
  }
  uniform(shape: Shape, options: TensorOptions & { low?: number; high?: number } = {}): Tensor {
    const { low, high } = uniformRange(options);
    const range = high - low;
    return this.#fill('uniform', shape, options, () => low + range * this.#mt.double());
  }
  normal(shape: Shape, options: TensorOptions & { mean?: number; std?: number } = {}): Tensor {
    const mean = options.mean ?? 0;
    const std = options.std ?? 1;
    checkScale('normal', 'std', options.std);
    return this.#fill('normal', shape, options, () => mean + std * this.#gauss());
  }
  gamma(shape: Shape, options: TensorOptions & { concentration: number; scale?: number }): Tensor {
    checkGamma(options);
    return this.#fill('gamma', shape, options, () => (options.scale ?? 1) * this.#gamma(options.concentration));
  }
  integers(low: number, high: number, shape: Shape, options: TensorOptions = {}): Tensor {
    const range = high - low - 1;
    const dtype = options.dtype ?? 'int32';
    const isOutside = dtype === 'int32' && (low < -(2 ** 31) || high > 2 ** 31);
    if (!Number.isInteger(low) || !Number.isInteger(high) || range < 0 || range > 0xffffffff || isOutside) {
      throw new IndexError('integers', `integers: [${low}, ${high}) is no range of ${isOutside ? 'int32; pass a float dtype, or' : '32-bit integers;'} use integers low < high`, low, high);
    }
    return this.#fill('integers', shape, { ...options, dtype }, () => low + this.#below(range));
  }
  permutation(n: number, options: TensorOptions = {}): Tensor {
    const order = this.permutationArray(n);
    const ctx = options.ctx ?? currentContext();
    const dtype = options.dtype ?? 'int32';
    return uploadTo(ctx, convert(order, dtype), [n], dtype);
  }
  /** `permutation` as a plain array on the host. */
  permutationArray(n: number): Int32Array {
    checkShape('permutation', [n]);
    const order = Int32Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const j = this.#interval(k);
      [order[k], order[j]] = [order[j]!, order[k]!];
    }
    return order;
  }
  /** Counts of `n` draws over categories of probability `p`, as a chain of binomials. The last category takes what is left. */
  multinomial(n: number, p: readonly number[]): Int32Array {
    checkShape('multinomial', [n]);
    if (n >= 2 ** 31) throw new IndexError('multinomial', `multinomial: ${n} draws; use fewer than 2^31`, n, 2 ** 31);
    // NumPy's tolerance; the last probability is implied.
    if (p.length === 0 || !p.every((v) => v >= 0 && v <= 1) || p.slice(0, -1).reduce((a, b) => a + b, 0) > 1 + 1e-12) {
      throw new MatheronError('argument', `multinomial: [${p.join(', ')}] are no probabilities; use numbers in [0, 1] that sum to 1`);
    }
    const counts = new Int32Array(p.length);
    let left = n;
    let rest = 1;
    for (let k = 0; k < p.length - 1 && left > 0; k++) {
      counts[k] = binomialVariate(left, Math.min(1, p[k]! / rest), () => this.#mt.double());
      left -= counts[k]!;
      rest -= p[k]!;
    }
    if (left > 0) counts[p.length - 1] = left;
    return counts;
  }

  #fill(op: string, shape: Shape, options: TensorOptions, draw: () => number): Tensor {
    const ctx: Context = options.ctx ?? currentContext();
    const dtype: DType = options.dtype ?? ctx.dtype;
    const size = checkShape(op, shape);
    const values = new Float64Array(sizeOf(size));
    for (let k = 0; k < values.length; k++) values[k] = draw();
    return uploadTo(ctx, dtype === 'float64' ? values : convert(values, dtype), size, dtype);
  }
  /** Uniform in [0, range] by masking and rejection, one 32-bit word a try (NumPy's legacy randint of 32 bits or fewer). */
  #below(range: number): number {
    if (range === 0) return 0;
    if (range === 0xffffffff) return this.#mt.next();
    return this.#masked(range);
  }
  /** The same rule, as NumPy's shuffle draws it (`random_interval`). */
  #interval(max: number): number {
    return max === 0 ? 0 : this.#masked(max);
  }
  #masked(max: number): number {
    let mask = max;
    for (const shift of [1, 2, 4, 8, 16]) mask |= mask >>> shift;
    mask >>>= 0;
    for (;;) {
      const value = (this.#mt.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }
  /** NumPy's legacy standard gamma: exponential for 1, Ahrens–Dieter-like rejection below, Marsaglia–Tsang above. */
  #gamma(shape: number): number {
    if (shape === 1) return this.#exponential();
    if (shape < 1) {
      for (;;) {
        const u = this.#mt.double();
        const v = this.#exponential();
        if (u <= 1 - shape) {
          const x = u ** (1 / shape);
          if (x <= v) return x;
        } else {
          const y = -Math.log((1 - u) / shape);
          const x = (1 - shape + shape * y) ** (1 / shape);
          if (x <= v + y) return x;
        }
      }
    }
    const b = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * b);
    for (;;) {
      let x: number;
      let v: number;
      do {
        x = this.#gauss();
        v = 1 + c * x;
      } while (v <= 0);
      v = v * v * v;
      const u = this.#mt.double();
      if (u < 1 - 0.0331 * (x * x) * (x * x)) return b * v;
      if (Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
    }
  }
  #exponential(): number {
    return -Math.log(1 - this.#mt.double());
  }
}
