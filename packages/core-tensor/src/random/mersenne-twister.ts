const N = 624;
const M = 397;

/** MT19937 (Matsumoto & Nishimura, ACM TOMACS 8, 1998) with NumPy's legacy seeding of one 32-bit word (`init_genrand`). */
export class MersenneTwister {
  readonly #state = new Int32Array(N);
  #at = N;
  constructor(seed: number) {
    const s = this.#state;
    s[0] = seed | 0;
    for (let k = 1; k < N; k++) s[k] = (Math.imul(1812433253, s[k - 1]! ^ (s[k - 1]! >>> 30)) + k) | 0;
  }
  /** The next unsigned 32-bit word. */
  next(): number {
    if (this.#at === N) this.#twist();
    let y = this.#state[this.#at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }
  /** Uniform in [0, 1) with 53 bits out of two words. */
  double(): number {
    const a = this.next() >>> 5;
    const b = this.next() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }
  #twist(): void {
    const s = this.#state;
    for (let k = 0; k < N; k++) {
      const y = (s[k]! & 0x80000000) | (s[(k + 1) % N]! & 0x7fffffff);
      s[k] = s[(k + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}
