/**
 * Threefry2x32 with 20 rounds (J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) in
 * counter mode: block j encrypts the 64-bit `counter` + j and gives elements 2j and 2j + 1, of which the upper `bits` bits are kept.
 * `key` and `counter`: low word, high word.
 */
export function threefry(key: readonly [number, number], counter: readonly [number, number], size: number, bits: number): Int32Array {
  const out = new Int32Array(size);
  const k0 = key[0] | 0, k1 = key[1] | 0, k2 = 0x1bd11bda ^ k0 ^ k1;
  const shift = 32 - bits;
  for (let i = 0, low = counter[0] >>> 0, high = counter[1] | 0; i < size; i += 2) {
    let x = (low + k0) | 0, y = (high + k1) | 0;
    // Five times four rounds; a part of the key goes in after each four.
    x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k1) | 0; y = (y + k2 + 1) | 0;
    x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k2) | 0; y = (y + k0 + 2) | 0;
    x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k0) | 0; y = (y + k1 + 3) | 0;
    x = (x + y) | 0; y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0; y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0; y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0; y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k1) | 0; y = (y + k2 + 4) | 0;
    x = (x + y) | 0; y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0; y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0; y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0; y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k2) | 0; y = (y + k0 + 5) | 0;
    out[i] = x >>> shift;
    if (i + 1 < size) out[i + 1] = y >>> shift;
    low = (low + 1) >>> 0;
    if (low === 0) high = (high + 1) | 0;
  }
  return out;
}
