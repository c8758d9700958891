/**
 * Threefry2x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) in BigInt, as
 * `randomBits` defines it: `count` words of `bits` bits each, from blocks counter, counter + 1, …
 */
export function randomBits(key: readonly number[], counter: readonly number[], count: number, bits: number): number[] {
  const low = BigInt(counter[0]! >>> 0);
  const high = BigInt(counter[1]! >>> 0);
  const words: number[] = [];
  for (let j = 0n; words.length < count; j++) {
    const c = BigInt.asUintN(64, low + (high << 32n) + j);
    for (const word of encrypt([BigInt(key[0]! >>> 0), BigInt(key[1]! >>> 0)], [c & mask, c >> 32n])) {
      if (words.length < count) words.push(Number(BigInt.asIntN(32, word >> BigInt(32 - bits))));
    }
  }
  return words;
}

const mask = 0xffffffffn;
const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];

function encrypt(key: readonly [bigint, bigint], block: readonly [bigint, bigint]): [bigint, bigint] {
  const schedule = [key[0], key[1], 0x1bd11bdan ^ key[0] ^ key[1]];
  let x = (block[0] + key[0]) & mask;
  let y = (block[1] + key[1]) & mask;
  for (let round = 0; round < 20; round++) {
    x = (x + y) & mask;
    const k = rotations[round % 8]!;
    y = (((y << k) | (y >> (32n - k))) & mask) ^ x;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      x = (x + schedule[s % 3]!) & mask;
      y = (y + schedule[(s + 1) % 3]! + BigInt(s)) & mask;
    }
  }
  return [x, y];
}
