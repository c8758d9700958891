import { cpu } from '@matheron/backend-cpu';
import {
  type DType, DTypeError, Generator, IndexError, MatheronError, RandomState, ShapeError, SingularMatrixError, astype, broadcastTo, diagonal, eye, full, inv, linspace, oneHot, pad, repeat, reshape, roll, setDefaultContext,
  slice, sum, takeAlongAxis, tensor, triangularSolve, zeros,
} from '@matheron/core-tensor';
import { beforeEach, describe, expect, it } from 'vitest';

beforeEach(() => setDefaultContext(cpu()));

// What the types forbid, as JavaScript callers may write it.
const wrong = <T>(value: unknown): T => value as T;

describe('arguments that fit nothing are refused by name', () => {
  it('dtypes', () => {
    const half = wrong<DType>('float16');
    for (const make of [() => tensor([1], { dtype: half }), () => zeros([1], { dtype: half }), () => linspace(0, 1, 3, { dtype: half }), () => astype([1], half), () => tensor([1]).astype(half)]) {
      expect(make).toThrow(DTypeError);
      expect(make).toThrow(/float16 is no dtype; use .*float32/);
    }
  });
  it('shapes and axes that are no arrays', () => {
    for (const make of [() => zeros(wrong(3)), () => zeros(wrong(undefined)), () => reshape([1, 2], wrong(2)), () => reshape([1, 2], wrong(undefined)), () => broadcastTo([1], wrong(2)), () => tensor([1, 2], { shape: wrong(2) })]) {
      expect(make).toThrow(ShapeError);
      expect(make).toThrow(/no shape/);
    }
    expect(() => sum([1], wrong(null))).toThrow(IndexError);
    expect(() => sum([1], wrong({ keepdims: true }))).toThrow(IndexError);
    expect(() => pad([1], wrong([[1]]))).toThrow(/a pair/);
  });
  it('counts, shifts and indices that are no integers', () => {
    expect(() => repeat([1, 2], 1.5)).toThrow(ShapeError);
    expect(() => roll([1, 2], 0.5)).toThrow(IndexError);
    expect(() => oneHot([0], -1)).toThrow(ShapeError);
    expect(() => eye(2, { offset: 0.5 })).toThrow(IndexError);
    for (const index of [undefined, true, tensor([0])]) expect(() => slice([1, 2], wrong(index))).toThrow(IndexError);
  });
  it('values that are no number, and sides that there are not', () => {
    expect(() => full([2], wrong('a'))).toThrow(DTypeError);
    expect(() => full([2], wrong([1, 2]))).toThrow(/full: the value is of type object/);
    expect(() => triangularSolve([[1]], [1], { side: wrong('middle') })).toThrow(/'left' or 'right'/);
  });
});

it('an index outside of its axis does not reach the next row', () => {
  const x = tensor([[1, 2], [3, 4]]);
  expect(() => takeAlongAxis(x, [[2], [0]], 1).toArray()).toThrow(IndexError);
  expect(() => takeAlongAxis(x, [[0], [-3]], 1).toArray()).toThrow(IndexError);
  expect(takeAlongAxis(x, [[-1], [-2]], 1).toArray()).toEqual([[2], [3]]);
});

it('NaN is true, whichever way it becomes a bool', () => {
  const values = [Number.NaN, 0, -0, 0.5];
  for (const x of [tensor(values, { dtype: 'bool' }), tensor(values).astype('bool'), tensor(Float64Array.from(values), { dtype: 'bool' })]) expect(x.toArray()).toEqual([true, false, false, true]);
});

it('diagonal keeps bool', () => {
  const d = diagonal(tensor([[true, true], [true, false]]));
  expect([d.dtype, d.toArray()]).toEqual(['bool', [true, false]]);
});

it('inv is named where its argument is singular', () => {
  expect(() => inv([[1, 2], [2, 4]])).toThrow(SingularMatrixError);
  expect(() => inv([[1, 2], [2, 4]])).toThrow(/^inv: /);
});

describe.each([['Generator', () => new Generator(1)], ['RandomState', () => new RandomState(1)]])('%s refuses parameters of no distribution', (_, make) => {
  it.each([
    ['an infinite concentration', () => make().gamma([1], { concentration: Infinity })], ['a negative scale', () => make().gamma([1], { concentration: 1, scale: -1 })],
    ['a negative deviation', () => make().normal([1], { std: -1 })], ['a deviation of NaN', () => make().normal([1], { std: Number.NaN })], ['bounds that are not finite', () => make().uniform([1], { high: Infinity })],
  ])('%s', (_name, draw) => {
    expect(draw).toThrow(MatheronError);
  });
});

it('random integers beyond int32 do not wrap', () => {
  const rng = new RandomState(1);
  expect(() => rng.randint(3e9, 3e9 + 5, [2])).toThrow(IndexError);
  // numpy.random.RandomState(1).randint(0, 2**32, 3, dtype=np.uint32)
  expect(rng.integers(0, 2 ** 32, [3], { dtype: 'float64' }).toArray()).toEqual([1791095845, 4282876139, 3093770124]);
  // numpy.random.RandomState(1).randint(-2**31, 2**31, 2, dtype=np.int32)
  expect(new RandomState(1).randint(-(2 ** 31), 2 ** 31, [2]).toArray()).toEqual([-356387803, 2135392491]);
});

it('probabilities, seeds and numbers of generators are checked', () => {
  const rng = new RandomState(1);
  for (const [n, p] of [[5, [0.5, 0.6, 0]], [5, [Number.NaN, 1]], [5, []], [-1, [1]], [1.5, [1]]] as const) expect(() => rng.multinomial(n, p)).toThrow(MatheronError);
  expect(() => new Generator(wrong('a'))).toThrow(/the seed a is no integer/);
  expect(() => new Generator(1).split(-1)).toThrow(ShapeError);
});

it('a tensor does not follow the array its shape was given in', () => {
  const source = tensor([1, 2, 3, 4, 5, 6]);
  const makers: ((shape: number[]) => { readonly shape: readonly number[] })[] = [
    (s) => zeros(s), (s) => reshape(source, s), (s) => broadcastTo([1], s), (s) => tensor(Float64Array.of(1, 2, 3, 4, 5, 6), { shape: s }), (s) => tensor([1, 2, 3, 4, 5, 6], { shape: s }),
    (s) => new Generator(1).uniform(s), (s) => new Generator(1).normal(s), (s) => new Generator(1).integers(0, 9, s), (s) => new Generator(1).gamma(s, { concentration: 1 }), (s) => new RandomState(1).normal(s),
  ];
  for (const make of makers) {
    const shape = [3, 2];
    const made = make(shape);
    shape[0] = 9;
    expect(made.shape, String(make)).toEqual([3, 2]);
  }
});
