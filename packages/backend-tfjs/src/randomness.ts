import { threefry2x32 } from '@matheron/core-tensor';

/** Block j encrypts the 64-bit counter + j and gives elements 2j and 2j + 1, of which the upper `bits` bits are kept; words low, high. */
export function threefryBits(key: ArrayLike<number>, counter: ArrayLike<number>, size: number, bits: number): Int32Array {
  const out = new Int32Array(size);
  const shift = 32 - bits;
  for (let i = 0, low = counter[0]! >>> 0, high = counter[1]! | 0; i < size; i += 2) {
    const [x, y] = threefry2x32(key[0]!, key[1]!, low | 0, high);
    out[i] = x >>> shift;
    if (i + 1 < size) out[i + 1] = y >>> shift;
    low = (low + 1) >>> 0;
    if (low === 0) high = (high + 1) | 0;
  }
  return out;
}
