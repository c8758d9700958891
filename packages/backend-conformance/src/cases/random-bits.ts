import { type FloatDType, Generator, withContext } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { expectArray, expectTrue } from '../compare.ts';
import { threefryTable } from '../generated/threefry-table.ts';
import { array, count } from '../reference/array.ts';
import { randomBits } from '../reference/threefry.ts';

const brackets = (x: readonly number[]): string => `[${x.join(', ')}]`;
const shapes = [[], [1], [0], [2], [3], [7], [2, 3], [3, 0], [2, 1, 3], [100], [2, 2, 1, 3, 2]];

/** Draws of a Generator whose key and counter are known: 27 and 26 bits of two words in float64, 24 bits of one in float32, the same on every backend. */
function uniforms(dtype: FloatDType): Case[] {
  const key = [0x9abcdef0 | 0, 0x12345678];
  return ([[0, 0], [-2, 0], [-1, -1]] as const).map(([low, high]): Case => ({
    name: `${dtype}, counter ${brackets([low, high])}, three draws`, dtypes: [dtype],
    async run(bench) {
      const generator = new Generator(0);
      const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
      generator.state = `threefry2x32-20:${hex(key[1]!)}${hex(key[0]!)}:${hex(high)}${hex(low)}`;
      let block = 0n;
      for (const shape of [[5], [2, 3], [4]]) {
        const n = count(shape);
        const start = BigInt.asUintN(64, (BigInt(high) << 32n) + BigInt(low >>> 0) + block);
        const counter = [Number(BigInt.asIntN(32, start)), Number(BigInt.asIntN(32, start >> 32n))];
        const words = dtype === 'float64' ? randomBits(key, counter, 2 * n, 27) : randomBits(key, counter, n, 24);
        block += BigInt(Math.ceil(words.length / 2));
        const values = Array.from({ length: n }, (_, k) => (dtype === 'float64' ? (words[2 * k]! * 2 ** 26 + (words[2 * k + 1]! >>> 1)) * 2 ** -53 : words[k]! * 2 ** -24));
        const x = withContext(bench.ctx, () => generator.uniform(shape, { dtype }));
        expectArray({ shape: x.shape, dtype: x.dtype, data: await x.data() }, array(dtype, shape, values), {}, `a draw of ${brackets(shape)}`);
      }
    },
  }));
}

/** Threefry2x32-20: published vectors, a table, and its definition in BigInt. */
export function randomBitsGroups(): Group[] {
  const pair = (values: readonly number[]) => array('int32', [2], values);
  const one = (name: string, key: readonly number[], counter: readonly number[], shape: readonly number[], bits: number, words: readonly number[]): Case =>
    callCase(name, 'randomBits', [pair(key), pair(counter)], { shape, bits }, array('int32', shape, words));
  const published = threefryTable.map(({ key, counter, words }, k) => one(`table ${k}: key ${brackets(key)}, counter ${brackets(counter)}`, key, counter, [words.length], 32, words));
  const key = [-123456789, 987654321];
  const shaped = shapes.map((shape) => one(`shape ${brackets(shape)}`, key, [5, 0], shape, 32, randomBits(key, [5, 0], count(shape), 32)));
  const shifted = Array.from({ length: 32 }, (_, k) => one(`${k + 1} bits`, key, [0, 1], [9], k + 1, randomBits(key, [0, 1], 9, k + 1)));
  const carried = [[-1, 0], [-2, 0], [-1, -1], [2 ** 31 - 1, 0], [-(2 ** 31), 7]].map((counter) => one(`counter ${brackets(counter)} carries`, [1, 2], counter, [10], 32, randomBits([1, 2], counter, 10, 32)));
  const layouts = (['sliced', 'reversed'] as const).map((layout) =>
    callCase(`key and counter ${layout}`, 'randomBits', [{ values: pair(key), layout }, { values: pair([3, 4]), layout }], { shape: [8], bits: 24 }, array('int32', [8], randomBits(key, [3, 4], 8, 24))));
  const continued: Case = {
    name: 'a stream cut in two is the stream', dtypes: ['int32'],
    async run(bench) {
      const whole = await bench.read(bench.call('randomBits', [bench.place(pair(key)), bench.place(pair([0, 0]))], { shape: [40], bits: 32 })[0]!);
      const rest = await bench.read(bench.call('randomBits', [bench.place(pair(key)), bench.place(pair([7, 0]))], { shape: [26], bits: 32 })[0]!);
      expectTrue(rest.data.every((v, k) => v === whole.data[14 + k]), 'block 7 on differs from the rest of the stream');
    },
  };
  return [{ name: 'randomBits', cases: [...published, ...shaped, ...shifted, ...carried, ...layouts, continued] }, { name: 'uniform numbers', cases: (['float64', 'float32'] as const).flatMap(uniforms) }];
}
