import { DTypeError, IndexError, ShapeError, UnsupportedOperationError } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { CpuBackend, type CpuTensor, cpu } from '../src/index.ts';
import { b, difference, layouts, random, tensor, values } from './support.ts';

describe('cpu', () => {
  it('is one context an id, each with its own backend', () => {
    expect(cpu()).toBe(cpu(0));
    expect(cpu(1)).toBe(cpu(1));
    expect(cpu(1).backend).not.toBe(cpu(0).backend);
    expect(String(cpu(1))).toBe('cpu(1)');
    expect(() => cpu(-1)).toThrow('-1 is no id');
    expect(() => cpu(0.5)).toThrow('0.5 is no id');
  });
});

describe('refusals', () => {
  const flags = tensor([1, 0], [2], 'bool'), integers = tensor([1, 2, 3, 4], [2, 2], 'int32');
  it.each<[string, () => unknown]>([
    ['exp', () => b.unary('exp', integers)],
    ['neg', () => b.unary('neg', flags)],
    ['div', () => b.binary('div', integers, integers)],
    ['logicalAnd', () => b.binary('logicalAnd', integers, integers)],
    ['sum', () => b.reduce('sum', flags, [0])],
    ['any', () => b.reduce('any', integers, [0])],
    ['argmax', () => b.argReduce('argmax', flags, 0)],
    ['cumulative sum', () => b.cumulative('sum', flags, 0)],
    ['iota', () => b.iota(3, 'bool')],
    ['matmul', () => b.matmul(b.reshape(flags, [1, 2]), b.reshape(flags, [2, 1]))],
    ['cholesky', () => b.cholesky(integers)],
    ['svd', () => b.svd(integers)],
    ['fold', () => b.fold(b.reshape(flags, [1, 2]), [{ width: 2, stride: 1, dilation: 1 }], [2])],
  ])('%s', (op, f) => {
    expect(f).toThrow(UnsupportedOperationError);
    expect(f).toThrow(`cpu can't do ${op} on `);
  });
  it('names the backend that a subclass is', () => {
    class Other extends CpuBackend {}
    const other = new Other('other');
    expect(() => other.unary('exp', integers)).toThrow("other can't do exp on int32: it takes float64 and float32");
  });
  it('uploads what fits', () => {
    expect(() => b.upload(new Float32Array(2), [2], 'float64')).toThrow(DTypeError);
    expect(() => b.upload(new Float64Array(2), [3], 'float64')).toThrow(ShapeError);
    const buffer = new Float64Array(4);
    expect(b.upload(buffer, [2, 2], 'float64').data).toBe(buffer);
  });
  it('takes indices within the axis', () => {
    const x = tensor([1, 2, 3]), at = (...list: number[]): CpuTensor => tensor(list, [list.length], 'int32');
    expect(() => b.gather(x, at(0, 3), 0)).toThrow(IndexError);
    expect(() => b.gather(x, at(-4), 0)).toThrow('index -4 at position 0 is outside of axis 0, which has 3 elements');
    expect(() => b.scatterAdd(x, at(3), tensor([1]), 0)).toThrow(IndexError);
    expect(values(b.gather(x, at(), 0))).toEqual([]);
    expect(values(x)).toEqual([1, 2, 3]);
  });
  it('finds no extreme of an empty axis', () => {
    expect(() => b.argReduce('argmax', tensor([], [2, 0]), 1)).toThrow(ShapeError);
  });
});

describe('int32', () => {
  const pow = (x: number, y: number): number => values(b.binary('pow', tensor([x], [1], 'int32'), tensor([y], [1], 'int32')))[0]!;
  it('truncates negative powers', () => {
    expect([pow(2, -1), pow(1, -3), pow(-1, -3), pow(-1, -2), pow(0, -1), pow(-2, -1)]).toEqual([0, 1, -1, 1, 0, 0]);
  });
  it('wraps in sums', () => {
    const x = tensor([2147483647, 1, 5], [3], 'int32');
    expect(values(b.reduce('sum', x, [0]))).toEqual([-2147483643]);
    expect(values(b.cumulative('sum', x, 0))).toEqual([2147483647, -2147483648, -2147483643]);
  });
  it('gives 0 for a remainder by 0', () => {
    expect(values(b.binary('mod', tensor([5], [1], 'int32'), tensor([0], [1], 'int32')))).toEqual([0]);
  });
});

describe('reductions', () => {
  it('give their neutral element over nothing', () => {
    const x = tensor([], [2, 0]);
    expect(['sum', 'prod', 'max', 'min'].map((op) => values(b.reduce(op as 'sum', x, [1])))).toEqual([[0, 0], [1, 1], [-Infinity, -Infinity], [Infinity, Infinity]]);
    const flags = tensor([], [0], 'bool');
    expect([values(b.reduce('any', flags, [0])), values(b.reduce('all', flags, [0]))]).toEqual([[0], [1]]);
  });
  it('sum float64 with an error that grows with log n, along lines and along rows', () => {
    const n = 1 << 20, x = tensor(Array.from({ length: n }, () => 0.1));
    // n times the double nearest to 0.1, rounded once: multiplying by a power of two is exact.
    const exact = 0.1 * n;
    const lines = values(b.reduce('sum', x, [0]))[0]!;
    const rows = values(b.reduce('sum', b.permute(b.reshape(x, [n / 4, 4]), [1, 0]), [1]));
    const both = values(b.reduce('sum', b.reshape(x, [64, 8, n / 512]), [0, 2]));
    expect(Math.abs(lines - exact) / exact).toBeLessThan(20 * 2 ** -53);
    for (const v of rows) expect(Math.abs(v - exact / 4) / exact).toBeLessThan(20 * 2 ** -53);
    for (const v of both) expect(Math.abs(v - exact / 8) / exact).toBeLessThan(20 * 2 ** -53);
  });
  it('agree with brute force over every set of axes, layout and size', () => {
    for (const shape of [[2, 3, 70], [70, 3, 2], [1, 200, 1], [600, 3], [3, 600], [5, 4, 3, 2]]) {
      const x = random(shape, shape[0]!);
      for (let set = 0; set < 1 << shape.length; set++) {
        const axes = shape.map((_, k) => k).filter((k) => (set >> k) & 1);
        const kept = shape.filter((_, k) => !axes.includes(k));
        const sums = new Float64Array(kept.reduce((p, q) => p * q, 1)), largest = sums.slice().fill(-Infinity);
        values(x).forEach((v, k) => {
          let rest = k, o = 0, step = 1;
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            const i = rest % shape[axis]!;
            rest = Math.floor(rest / shape[axis]!);
            if (axes.includes(axis)) continue;
            o += i * step;
            step *= shape[axis]!;
          }
          sums[o]! += v;
          largest[o] = Math.max(largest[o]!, v);
        });
        for (const y of layouts(x)) {
          expect(b.reduce('sum', y, axes).shape).toEqual(kept);
          values(b.reduce('sum', y, axes)).forEach((v, k) => expect(Math.abs(v - sums[k]!)).toBeLessThan(1e-12));
          expect(values(b.reduce('max', y, axes))).toEqual(Array.from(largest));
        }
      }
    }
  });
});

describe('sort', () => {
  it('is stable, with NaN last, over long lines', () => {
    const n = 1000, list = values(random([n], 3)).map((v) => (v > 0.8 ? NaN : Math.round(5 * v)));
    const { values: ordered, indices } = b.sort(tensor(list), 0);
    const expected = list.map((_, k) => k).sort((p, q) => {
      const x = list[p]!, y = list[q]!;
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || p - q;
      return x - y || p - q;
    });
    expect(values(indices)).toEqual(expected);
    expect(difference(values(ordered), expected.map((k) => list[k]!))).toBeUndefined();
    expect(values(b.sort(tensor([1, 0, 1, 0], [4], 'bool'), 0).indices)).toEqual([1, 3, 0, 2]);
  });
});

describe('randomBits', () => {
  // kat_vectors of Random123 1.14: threefry2x32, 20 rounds.
  it.each([
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ])('key %j, counter %j', (key, counter, expected) => {
    const bits = (n: number): number[] => values(b.randomBits(tensor(key, [2], 'int32'), tensor(counter, [2], 'int32'), [2], n)).map((v) => v >>> 0);
    expect(bits(32)).toEqual(expected);
    expect(bits(7)).toEqual(expected.map((v) => v >>> 25));
  });
  it('counts in 64 bits', () => {
    const at = (low: number, high: number, n: number): number[] => values(b.randomBits(tensor([1, 2], [2], 'int32'), tensor([low, high], [2], 'int32'), [n], 32));
    expect(at(0xfffffffe, 7, 7)).toEqual([...at(0xfffffffe, 7, 2), ...at(0xffffffff, 7, 2), ...at(0, 8, 2), ...at(1, 8, 1)]);
    expect(() => b.randomBits(tensor([1, 2], [2], 'int32'), tensor([0, 0], [2], 'int32'), [1], 33)).toThrow('33 bits');
  });
});

describe('linear algebra over batches', () => {
  const transposed = (x: CpuTensor): CpuTensor => b.permute(x, x.shape.map((_, k, s) => (k < s.length - 2 ? k : 2 * s.length - 3 - k)));
  const largest = (x: CpuTensor): number => Math.max(0, ...values(b.unary('abs', x)));
  const gap = (x: CpuTensor, y: CpuTensor): number => largest(b.binary('sub', x, y));
  const eye = (n: number, batch: readonly number[]): CpuTensor =>
    b.broadcastTo(b.reshape(tensor(Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0))), [...batch.map(() => 1), n, n]), [...batch, n, n]);

  it.each([[[]], [[3]], [[2, 2]], [[0]]])('batch %j', (batch) => {
    const n = 6, shape = [...batch, n, n];
    for (const x of layouts(random(shape, 11))) {
      const spd = b.binary('add', b.matmul(x, transposed(x)), eye(n, batch));
      const { factor, info } = b.cholesky(spd);
      expect(gap(b.matmul(factor, transposed(factor)), spd)).toBeLessThan(1e-14 * 50);
      expect(info.shape).toEqual(batch);
      expect(largest(info)).toBe(0);
      expect(gap(b.matmul(b.choleskyInverse(factor), spd), eye(n, batch))).toBeLessThan(1e-12);
      const rhs = random([...batch, n, 3], 5), options = { lower: true, transpose: false, unitDiagonal: false, side: 'left' } as const;
      expect(gap(b.matmul(factor, b.triangularSolve(factor, rhs, options)), rhs)).toBeLessThan(1e-13);
      expect(gap(b.matmul(transposed(factor), b.triangularSolve(factor, rhs, { ...options, transpose: true })), rhs)).toBeLessThan(1e-13);
      const row = transposed(rhs);
      expect(gap(b.matmul(b.triangularSolve(factor, row, { ...options, side: 'right' }), factor), row)).toBeLessThan(1e-13);
      const { lu, permutation } = b.lu(x);
      expect([lu.shape, permutation.shape]).toEqual([shape, [...batch, n]]);
      const q = b.qr(x, { pivot: false });
      expect(gap(b.matmul(q.q, q.r), x)).toBeLessThan(1e-13);
      expect(gap(b.matmul(transposed(q.q), q.q), eye(n, batch))).toBeLessThan(1e-13);
      expect(values(q.permutation)).toEqual(Array.from({ length: permutation.size }, (_, k) => k % n));
      const { values: w, vectors } = b.eigh(spd);
      expect(gap(b.matmul(spd, vectors), b.binary('mul', vectors, b.broadcastTo(b.reshape(w, [...batch, 1, n]), shape)))).toBeLessThan(1e-12);
      const wide = b.slice(x, shape.map((s, k) => ({ start: 0, stop: k === shape.length - 2 ? 4 : s, step: 1 })));
      const { u, s, vt } = b.svd(wide);
      expect([u.shape, s.shape, vt.shape]).toEqual([[...batch, 4, 4], [...batch, 4], [...batch, 4, n]]);
      expect(gap(b.matmul(b.binary('mul', u, b.broadcastTo(b.reshape(s, [...batch, 1, 4]), u.shape)), vt), wide)).toBeLessThan(1e-13);
    }
  });

  it('permutes rows of LU and columns of pivoted QR', () => {
    const x = random([2, 5, 5], 9), { lu, permutation, info } = b.lu(x);
    const { q, r, permutation: columns } = b.qr(x, { pivot: true });
    expect(values(info)).toEqual([0, 0]);
    for (let i = 0; i < 2; i++) {
      const part = (y: CpuTensor): CpuTensor => b.reshape(b.slice(y, y.shape.map((s, k) => ({ start: k === 0 ? i : 0, stop: k === 0 ? i + 1 : s, step: 1 }))), y.shape.slice(1));
      const packed = values(part(lu));
      const l = tensor(packed.map((v, k) => (k % 5 < Math.floor(k / 5) ? v : k % 6 === 0 ? 1 : 0)), [5, 5]);
      const u = tensor(packed.map((v, k) => (k % 5 < Math.floor(k / 5) ? 0 : v)), [5, 5]);
      expect(gap(b.matmul(l, u), b.gather(part(x), part(permutation), 0))).toBeLessThan(1e-14);
      expect(gap(b.matmul(part(q), part(r)), b.gather(part(x), part(columns), 1))).toBeLessThan(1e-14);
    }
    expect(values(b.lu(b.full(0, [3, 3], 'float64')).info)).toEqual([1]);
  });

  it('says where Cholesky fails, and leaves NaN from there on', () => {
    const good = [4, 2, 2, 2, 5, 3, 2, 3, 6], bad = [4, 2, 2, 2, 1, 3, 2, 3, 6];
    const { factor, info } = b.cholesky(tensor([...good, ...bad], [2, 3, 3]));
    expect(values(info)).toEqual([0, 2]);
    expect(difference(values(factor).slice(9), [2, 0, 0, 1, NaN, 0, 1, NaN, NaN])).toBeUndefined();
    // In a blocked algorithm the rows below are not there yet when the first block fails.
    const n = 150, large = b.binary('add', b.full(0.5, [n, n], 'float64'), eye(n, []));
    const broken = values(large);
    broken[20 * n + 20] = -1;
    const failed = b.cholesky(tensor(broken, [n, n])), whole = values(b.cholesky(large).factor);
    expect(values(failed.info)).toEqual([21]);
    const expected = whole.map((v, k) => (k % n > Math.floor(k / n) ? 0 : k % n < 20 ? v : NaN));
    expect(difference(values(failed.factor), expected, 1e-13)).toBeUndefined();
  });

  it('works in float32', () => {
    const x = b.cast(random([2, 8, 8], 4), 'float32'), { q, r } = b.qr(x, { pivot: false });
    expect([q.dtype, b.svd(x).s.dtype, b.eigh(x).values.dtype, b.matmul(x, x).dtype]).toEqual(['float32', 'float32', 'float32', 'float32']);
    expect(gap(b.matmul(q, r), x)).toBeLessThan(2e-6);
  });

  it('takes size 0', () => {
    const x = tensor([], [0, 0]);
    expect(b.cholesky(x).factor.shape).toEqual([0, 0]);
    expect(values(b.cholesky(x).info)).toEqual([0]);
    expect(b.choleskyInverse(x).shape).toEqual([0, 0]);
    expect(b.lu(x).permutation.shape).toEqual([0]);
    expect(b.eigh(x).values.shape).toEqual([0]);
    expect(b.svd(tensor([], [3, 0])).u.shape).toEqual([3, 0]);
    expect(b.qr(tensor([], [0, 3]), { pivot: true }).r.shape).toEqual([0, 3]);
    expect(b.triangularSolve(x, tensor([], [0, 2]), { lower: true, transpose: false, unitDiagonal: false, side: 'left' }).shape).toEqual([0, 2]);
  });

  it('hands single matrices to the kernels of a subclass', () => {
    let calls = 0;
    class Counting extends CpuBackend {
      constructor() {
        const own = b['kernels'];
        super('counting', { ...own, cholesky: (n, a) => { calls++; return own.cholesky(n, a); } });
      }
    }
    new Counting().cholesky(eye(3, [5]));
    expect(calls).toBe(5);
  });
});
