import type { DType } from '@matheron/core-tensor';
import { type Case, type Group, callCase } from '../bench.ts';
import { exact, expectArray, expectTrue } from '../compare.ts';
import { minimumRank, views } from '../layouts.ts';
import { array, generate, sample } from '../reference/array.ts';

const dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];
const shapes = [[], [1], [0], [5], [2, 0, 3], [1, 1], [3, 4], [2, 3, 4], [2, 1, 3, 2], [2, 2, 1, 3, 2]];
const awkward: Record<DType, readonly number[]> = {
  float64: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 5e-324, -1e-310, 1.7976931348623157e308, 0.1],
  float32: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-45, -1e-40, 3.4028234663852886e38, 0.1],
  int32: [0, -1, 2 ** 31 - 1, -(2 ** 31)],
  bool: [0, 1],
};

function roundTrip(dtype: DType, shape: readonly number[]): Case {
  const x = sample(dtype, shape, 3);
  return { name: `${dtype}, shape [${shape.join(', ')}]`, dtypes: [dtype], run: (bench) => bench.expect(bench.place(x), x, exact) };
}

function placed(dtype: DType): Case[] {
  return views.flatMap((layout) =>
    [[5], [3, 4], [2, 3, 4]].filter((shape) => shape.length >= minimumRank(layout)).map((shape) => {
      const x = generate(dtype, shape, (index) => {
        // constant along whichever axis a broadcast repeats
        const kept = layout === 'broadcast' ? index.slice(1) : layout === 'stretched' ? index.slice(0, -1) : index;
        return kept.reduce((s, i, k) => s + (i + 1) * 3 ** k, 0) % (dtype === 'bool' ? 2 : 1000);
      });
      return { name: `${dtype}, ${layout} [${shape.join(', ')}]`, dtypes: [dtype], run: (bench) => bench.expect(bench.place(x, layout), x, exact) } satisfies Case;
    }));
}

/** Windows into a larger buffer, whatever their alignment. */
function sizes(dtype: DType, start: number): Case {
  return {
    name: `${dtype}, sizes 1 to 400, ${start === 0 ? 'at the start of their buffer' : `${start} elements into their buffer`}`,
    dtypes: [dtype],
    async run({ backend }) {
      for (let n = 1; n <= 400; n++) {
        const x = sample(dtype, [n], n);
        const buffer = sample(dtype, [start + n + 2], 9).data;
        const window = buffer.subarray(start, start + n);
        window.set(x.data);
        const placed = backend.upload(window, [n], dtype);
        expectArray({ shape: placed.shape, dtype: placed.dtype, data: await backend.read(placed) }, x, exact, `upload of ${n}`);
      }
    },
  };
}

function fresh(dtype: DType): Case {
  const x = sample(dtype, [3, 5], 4);
  return {
    name: `${dtype}, what is read may be changed without changing the tensor`,
    dtypes: [dtype],
    async run(bench) {
      const placed = bench.place(x);
      const view = bench.call('permute', [placed], { axes: [1, 0] })[0]!;
      (await bench.backend.read(placed)).fill(1);
      (await bench.backend.read(view)).fill(1);
      if (bench.backend.readSync) bench.backend.readSync(placed).fill(1);
      await bench.expect(placed, x, exact);
    },
  };
}

function synchronous(dtype: DType): Case {
  const x = sample(dtype, [4, 3], 5);
  return {
    name: `${dtype}, readSync gives what read gives`,
    dtypes: [dtype],
    async run(bench) {
      if (!bench.backend.readSync) return;
      for (const layout of ['dense', 'transposed', 'sliced'] as const) {
        const placed = bench.place(x, layout);
        expectArray({ shape: x.shape, dtype, data: bench.backend.readSync(placed) }, await bench.read(placed), exact);
      }
    },
  };
}

function disposal(dtype: DType): Case {
  const x = sample(dtype, [4, 3], 6);
  return {
    name: `${dtype}, disposing of a result leaves its operands`,
    dtypes: [dtype],
    async run(bench) {
      const placed = bench.place(x);
      const view = bench.call('reshape', [placed], { shape: [12] })[0]!;
      const other = bench.call('slice', [placed], { ranges: [{ start: 0, stop: 4, step: 2 }, { start: 0, stop: 3, step: 1 }] })[0]!;
      bench.backend.dispose(view);
      bench.backend.dispose(other);
      await bench.expect(placed, x, exact);
    },
  };
}

const create = (): Case[] => dtypes.flatMap((dtype) => [
  ...shapes.map((shape) => {
    const value = dtype === 'bool' ? 1 : -3;
    return callCase(`full ${dtype}, shape [${shape.join(', ')}]`, 'full', [], { value, shape, dtype }, generate(dtype, shape, () => value));
  }),
  ...awkward[dtype].map((value) => callCase(`full ${dtype}, ${Object.is(value, -0) ? '-0' : value}`, 'full', [], { value, shape: [2, 3], dtype }, generate(dtype, [2, 3], () => value))),
  ...(dtype === 'bool' ? [] : [0, 1, 2, 17, 1000].map((size) => callCase(`iota ${dtype}, ${size}`, 'iota', [], { size, dtype }, generate(dtype, [size], ([i]) => i!)))),
]);

const interfaceCases = (): Case[] => [
  {
    name: 'name, capabilities and supports are what the interface says',
    dtypes: [],
    run({ backend }) {
      expectTrue(typeof backend.name === 'string' && backend.name.length > 0, 'a backend has a name');
      const { fuse, triangular, lanes, maxUnroll } = backend.capabilities;
      expectTrue(typeof fuse === 'boolean' && typeof triangular === 'boolean', 'capabilities.fuse and capabilities.triangular are booleans');
      expectTrue(Number.isInteger(lanes) && lanes >= 1 && maxUnroll >= 0, 'capabilities.lanes is an integer ≥ 1 and capabilities.maxUnroll ≥ 0');
      expectTrue(dtypes.every((dtype) => typeof backend.supports(dtype) === 'boolean'), 'supports gives a boolean');
      expectTrue(backend.supports('float64') || backend.supports('float32'), 'a backend supports a float dtype');
      expectTrue(backend.supports('int32') && backend.supports('bool'), 'a backend supports int32 and bool: indices and comparisons need them');
    },
  },
];

/** What goes in comes out: upload, read, full, iota, and views of every kind. */
export const transferGroups = (): Group[] => [
  { name: 'interface', cases: interfaceCases() },
  {
    name: 'upload and read',
    cases: dtypes.flatMap((dtype) => [
      ...shapes.map((shape) => roundTrip(dtype, shape)),
      { name: `${dtype}, awkward values`, dtypes: [dtype], run: (bench) => bench.expect(bench.place(array(dtype, [awkward[dtype].length], awkward[dtype])), array(dtype, [awkward[dtype].length], awkward[dtype]), exact) } satisfies Case,
      ...placed(dtype), sizes(dtype, 0), sizes(dtype, 1), sizes(dtype, 3), fresh(dtype), synchronous(dtype), disposal(dtype),
    ]),
  },
  { name: 'creation', cases: create() },
];
