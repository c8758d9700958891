import { dot, factorize, solveFactored } from './small.ts';

/** The pairs (s, y) and what the compact representation needs, see {@link CompactMatrix}. */
interface Pairs {
  readonly s: Float64Array[];
  readonly y: Float64Array[];
}

/**
 * The limited-memory BFGS matrix in compact form, B = θI − W M Wᵀ with W = [Y, θS] and
 * M⁻¹ = [−D Lᵀ; L θSᵀS], where SᵀY = L + D + R.
 *
 * Byrd, Nocedal and Schnabel, "Representations of quasi-Newton matrices", Mathematical Programming 63 (1994) 129–156, eq. (3.2).
 */
export class CompactMatrix {
  theta = 1;
  readonly pairs: Pairs = { s: [], y: [] };
  readonly #memory: number;
  /** SᵀY and SᵀS, row by row. */
  #sy: number[][] = [];
  #ss: number[][] = [];
  /** Cholesky factor of θSᵀS + L D⁻¹ Lᵀ. */
  #factor: number[][] = [];
  constructor(memory: number) {
    this.#memory = memory;
  }
  /** Number of pairs held. */
  get count(): number {
    return this.pairs.s.length;
  }
  /** Forgets all pairs: B = I. */
  reset(): void {
    this.theta = 1;
    this.pairs.s.length = this.pairs.y.length = 0;
    this.#sy = [];
    this.#ss = [];
    this.#factor = [];
  }
  /** Adds a pair with sᵀy > 0, dropping the oldest beyond the memory. False where the middle matrix is numerically indefinite; then `reset`. */
  push(s: Float64Array, y: Float64Array): boolean {
    const { s: S, y: Y } = this.pairs;
    if (S.length === this.#memory) {
      S.shift();
      Y.shift();
      for (const table of [this.#sy, this.#ss]) {
        table.shift();
        for (const row of table) row.shift();
      }
    }
    S.push(s);
    Y.push(y);
    const last = S.length - 1;
    for (let i = 0; i < last; i++) {
      this.#sy[i]!.push(dot(S[i]!, y));
      this.#ss[i]!.push(dot(S[i]!, s));
    }
    this.#sy.push(Y.map((v) => dot(s, v)));
    this.#ss.push(S.map((v) => dot(s, v)));
    this.theta = dot(y, y) / this.#sy[last]![last]!;
    return this.#factorizeMiddle();
  }
  #factorizeMiddle(): boolean {
    const [sy, ss, m] = [this.#sy, this.#ss, this.count];
    const t = ss.map((row, i) =>
      row.map((v, j) => {
        let sum = this.theta * v;
        for (let k = 0; k < Math.min(i, j); k++) sum += (sy[i]![k]! * sy[j]![k]!) / sy[k]![k]!;
        return sum;
      }),
    );
    this.#factor = t;
    return factorize(t, m);
  }
  /** M v for v of length 2m. */
  multiplyMiddle(v: Float64Array): Float64Array {
    const [sy, m] = [this.#sy, this.count];
    const out = new Float64Array(2 * m);
    const lower = out.subarray(m);
    for (let i = 0; i < m; i++) {
      let sum = v[m + i]!;
      for (let k = 0; k < i; k++) sum += (sy[i]![k]! * v[k]!) / sy[k]![k]!;
      lower[i] = sum;
    }
    solveFactored(this.#factor, lower);
    for (let j = 0; j < m; j++) {
      let sum = -v[j]!;
      for (let i = j + 1; i < m; i++) sum += sy[i]![j]! * lower[i]!;
      out[j] = sum / sy[j]![j]!;
    }
    return out;
  }
  /** Row `i` of W = [Y, θS]. */
  row(i: number): Float64Array {
    const m = this.count;
    const out = new Float64Array(2 * m);
    for (let k = 0; k < m; k++) {
      out[k] = this.pairs.y[k]![i]!;
      out[m + k] = this.theta * this.pairs.s[k]![i]!;
    }
    return out;
  }
  /** (SᵀY)ᵢᵢ, the diagonal D. */
  curvature(i: number): number {
    return this.#sy[i]![i]!;
  }
}
