import { readFileSync } from 'node:fs';
import { cpu } from '@matheron/backend-cpu';
import { Generator, IndexError, MatheronError, RandomState, defaultRng, setDefaultContext, setSeed, threefry2x32, withContext } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());
interface LegacyCase { seed: number; random_raw_uint32: number[]; rand8: number[]; randn9: number[]; normal_2_3_shape2x3: number[][]; 'uniform_-1_4_5': number[]; permutation10: number[]; randint_0_10_8: number[]; multinomial_n20: number[]; rand3_then_randn1_then_rand2: number[] }
const { cases } = JSON.parse(readFileSync(new URL('./fixtures/rng.json', import.meta.url), 'utf8')) as { cases: LegacyCase[] };

describe('RandomState', () => {
  for (const c of cases) {
    const make = (): RandomState => new RandomState(c.seed);
    it(`gives NumPy's legacy stream for seed ${c.seed}`, () => {
      const raw = make();
      expect(c.random_raw_uint32.map(() => raw.word())).toEqual(c.random_raw_uint32);
      expect(make().rand(8).toArray()).toEqual(c.rand8);
      expect(make().randn(9).toArray()).toEqual(c.randn9);
      expect(make().normal([2, 3], { mean: 2, std: 3 }).toArray()).toEqual(c.normal_2_3_shape2x3);
      expect(make().uniform([5], { low: -1, high: 4 }).toArray()).toEqual(c['uniform_-1_4_5']);
      expect(make().permutation(10).toArray()).toEqual(c.permutation10);
      expect(make().randint(0, 10, [8]).toArray()).toEqual(c.randint_0_10_8);
      expect([...make().multinomial(20, [0.2, 0.3, 0.5])]).toEqual(c.multinomial_n20);
    });
  }
  it('refuses a seed that NumPy refuses', () => {
    expect(() => new RandomState(-1)).toThrow(MatheronError);
    expect(() => new RandomState(1.5)).toThrow(/no integer/);
  });
});

describe('Threefry', () => {
  // Random123's known-answer vectors for threefry2x32-20.
  it.each([
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[-1, -1], [-1, -1], [0x1cb996fc, 0xbb002be7]],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ])('key %j, counter %j', ([k0, k1], [c0, c1], expected) => {
    expect(threefry2x32(k0!, k1! | 0, c0!, c1! | 0).map((w) => w >>> 0)).toEqual(expected);
  });
});

describe('Generator', () => {
  it('repeats itself from a seed, and moves on between draws', () => {
    const [a, b] = [new Generator(7), new Generator(7)];
    const first = a.uniform([4]).toArray();
    expect(b.uniform([4]).toArray()).toEqual(first);
    expect(a.uniform([4]).toArray()).not.toEqual(first);
    expect(new Generator(8).uniform([4]).toArray()).not.toEqual(first);
    expect(new Generator(7n + (1n << 64n)).uniform([4]).toArray()).toEqual(first);
  });
  it('continues from its state, on another generator too', () => {
    const a = new Generator(3);
    a.normal([5]);
    const b = new Generator(99);
    b.state = a.state;
    expect(b.normal([6]).toArray()).toEqual(a.normal([6]).toArray());
    expect(b.state).toBe(a.state);
    expect(() => { b.state = 'mt19937:0'; }).toThrow(/no state/);
  });
  it('draws one stream, whichever contexts take part', () => {
    const alone = new Generator(5);
    const mixed = new Generator(5);
    const [one, two] = [cpu(0), cpu(1)];
    const expected = [alone.uniform([3]), alone.uniform([2]), alone.uniform([2]), alone.uniform([1])].map((x) => x.toArray());
    expect([mixed.uniform([3], { ctx: one }), mixed.uniform([2], { ctx: two }), withContext(two, () => mixed.uniform([2])), mixed.uniform([1], { ctx: one })].map((x) => x.toArray())).toEqual(expected);
  });
  it('carries into the high word of its counter', () => {
    const a = new Generator(1);
    a.state = 'threefry2x32-20:0000000000000001:00000000fffffffe';
    const x = a.uniform([6]).toArray<number[]>();
    expect(a.state).toBe('threefry2x32-20:0000000000000001:0000000100000004');
    a.state = 'threefry2x32-20:0000000000000001:0000000100000000';
    expect(a.uniform([1]).item()).toBe(x[2]);
  });
  it('is uniform and normal: moments of 200,000 draws lie within five standard errors', () => {
    const n = 200_000;
    const rng = new Generator(11);
    const u = rng.uniform([n]);
    const z = rng.normal([n], { mean: 2, std: 3 });
    const g = rng.gamma([20_000], { concentration: 2.5, scale: 2 });
    const small = rng.gamma([20_000], { concentration: 0.3 });
    expect(Math.abs(u.mean().item() - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(u.variance().item() - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(Math.abs(z.mean().item() - 2)).toBeLessThan((5 * 3) / Math.sqrt(n));
    expect(Math.abs(z.variance().item() - 9)).toBeLessThan(5 * 9 * Math.sqrt(2 / n));
    expect(Math.abs(z.sub(2).div(3).pow(4).mean().item() - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    expect(Math.abs(g.mean().item() - 5)).toBeLessThan(5 * Math.sqrt(10 / 20_000));
    expect(Math.abs(small.mean().item() - 0.3)).toBeLessThan(5 * Math.sqrt(0.3 / 20_000));
  });
  it('draws float32 on demand, in [0, 1)', () => {
    const u = new Generator(2).uniform([1000], { dtype: 'float32' });
    expect(u.dtype).toBe('float32');
    expect(u.min().item()).toBeGreaterThanOrEqual(0);
    expect(u.max().item()).toBeLessThan(1);
  });
  it('draws integers and permutations', () => {
    const rng = new Generator(4);
    const i = rng.integers(-2, 3, [5000]);
    expect(i.dtype).toBe('int32');
    expect([...new Set(i.dataSync())].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect([...rng.permutation(50).dataSync()].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, k) => k));
    expect(() => rng.integers(3, 3, [1])).toThrow(/no range/);
  });
  it('splits into streams that differ from each other and from its own', () => {
    const rng = new Generator(6);
    const [a, b] = rng.split(2) as [Generator, Generator];
    const drawn = [a, b, rng].map((g) => JSON.stringify(g.uniform([3]).toArray()));
    expect(new Set(drawn).size).toBe(3);
    const again = new Generator(6).split(2);
    expect(JSON.stringify(again[0]!.uniform([3]).toArray())).toBe(drawn[0]);
  });
  it('is replaced by setSeed', () => {
    setSeed(1);
    const x = defaultRng().uniform([2]).toArray();
    setSeed(1);
    expect(defaultRng().uniform([2]).toArray()).toEqual(x);
  });
  it('refuses what it cannot draw', () => {
    expect(() => new Generator(1.5)).toThrow(/no integer/);
    expect(() => new Generator(1).uniform([2], { dtype: 'int32' })).toThrow(/draws floats/);
    expect(() => new Generator(1).gamma([2], { concentration: 0 })).toThrow(/not positive/);
  });
});

it('draws multinomials of any size as NumPy does', () => {
  // numpy.random.RandomState(seed).multinomial(n, p)
  expect([...new RandomState(0).multinomial(10000, [0.5, 0.25, 0.25])]).toEqual([5002, 2519, 2479]);
  expect([...new RandomState(1).multinomial(100000, [0.001, 0.299, 0.7])]).toEqual([101, 29804, 70095]);
  expect([...new RandomState(42).multinomial(1000000, [0.9, 0.05, 0.05])]).toEqual([900297, 49724, 49979]);
  expect(() => new RandomState(1).multinomial(2 ** 31, [1])).toThrow(IndexError);
});
