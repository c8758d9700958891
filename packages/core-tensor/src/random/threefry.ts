/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Words are unsigned 32-bit
 * numbers held as int32.
 */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): readonly [number, number] {
  const ks = [key0, key1, 0x1bd11bda ^ key0 ^ key1] as const;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round & 7]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if ((round & 3) === 3) {
      const s = (round >> 2) + 1;
      x0 = (x0 + ks[(s % 3) as 0 | 1 | 2]) | 0;
      x1 = (x1 + ks[((s + 1) % 3) as 0 | 1 | 2] + s) | 0;
    }
  }
  return [x0, x1];
}
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The stream of one key read word by word on the host. */
export class ThreefryStream {
  readonly #key: readonly [number, number];
  #block = 0;
  #spare: number | undefined;
  constructor(key0: number, key1: number) {
    this.#key = [key0, key1];
  }
  /** The next unsigned 32-bit word. */
  next(): number {
    if (this.#spare !== undefined) {
      const word = this.#spare;
      this.#spare = undefined;
      return word >>> 0;
    }
    const [a, b] = threefry2x32(this.#key[0], this.#key[1], this.#block | 0, Math.floor(this.#block / 2 ** 32) | 0);
    this.#block++;
    this.#spare = b;
    return a >>> 0;
  }
  /** Uniform in [0, 1) with 53 bits. */
  double(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }
  /** Uniform integer in [0, n), n ≤ 2^32, without bias. */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const word = this.next();
      if (word < limit) return word % n;
    }
  }
}
