import { type Backend, type BackendTensor, type Call, type Context, type DType, type Kind, makeCall, perform, sameShape, type Attributes } from '@matheron/core-tensor';
import { type Tolerance, expectArray, expectType, isSubnormal } from './compare.ts';
import { type Layout, place } from './layouts.ts';
import type { NdArray } from './reference/array.ts';

/** What a case works with: the backend under test, and a memory of every operand, so that writing to one is found out. */
export class Bench {
  readonly ctx: Context;
  readonly backend: Backend;
  /** Relative tolerance that an exception grants to this case. */
  readonly tolerance: number | undefined;
  /** Whether the device takes subnormals as 0. */
  readonly flushes: boolean;
  readonly #elementwise: boolean;
  readonly #operands: { readonly placed: BackendTensor; readonly values: NdArray }[] = [];
  constructor(ctx: Context, tolerance?: number, flushes = false, elementwise = false) {
    this.ctx = ctx;
    this.backend = ctx.backend;
    this.tolerance = tolerance;
    this.flushes = flushes;
    this.#elementwise = elementwise;
  }

  /** `x` on the backend, lying as `layout` says. */
  place(x: NdArray, layout: Layout = 'dense'): BackendTensor {
    const placed = place(this.backend, x, layout);
    expectType(placed, x, `an operand placed ${layout}`);
    this.#operands.push({ placed, values: x });
    return placed;
  }

  /** One call; its outputs in the order of the call form. */
  call<K extends Kind>(kind: K, inputs: readonly BackendTensor[], attributes: Attributes[K]): BackendTensor[] {
    return perform(this.backend, makeCall(kind, inputs, attributes) as Call<BackendTensor>);
  }

  /** Values in row-major order. */
  async read(x: BackendTensor): Promise<NdArray> {
    return { shape: x.shape, dtype: x.dtype, data: await this.backend.read(x) };
  }

  async expect(actual: BackendTensor, expected: NdArray, tolerance?: Tolerance, what?: string): Promise<void> {
    expectType(actual, expected, what);
    expectArray(await this.read(actual), expected, tolerance, what, this.tolerance, this.flushes ? this.#flushed(expected) : undefined, this.#elementwise);
  }
  /** Elements that stand where an operand of the same shape has a subnormal. */
  #flushed({ shape }: NdArray): (p: number) => boolean {
    const operands = this.#operands.map(({ values }) => values).filter((x) => sameShape(x.shape, shape));
    return (p) => operands.some(({ data, dtype }) => isSubnormal(data[p]!, dtype));
  }

  /** `limit`, or what an exception grants where that is more. */
  limit(limit: number): number {
    return Math.max(limit, this.tolerance ?? 0);
  }

  /** Every operand still holds its values. */
  async expectOperandsUnchanged(): Promise<void> {
    for (const [k, { placed, values }] of this.#operands.entries()) {
      expectArray(await this.read(placed), values, { signedZero: true }, `operand ${k} after the call`, undefined, this.flushes ? () => false : undefined);
    }
  }
}

/** One case: counted, reported and excepted by its name. */
export interface Case {
  readonly name: string;
  /** Every dtype it touches; where the backend lacks one, the case checks that the dtype is refused. */
  readonly dtypes: readonly DType[];
  run(bench: Bench): void | Promise<void>;
}

/** Cases of one file. */
export interface Group {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** An operand of a call: values and how they lie. */
export type Operand = NdArray | { readonly values: NdArray; readonly layout: Layout };

/** A case that is one call: operands, attributes, expected outputs. */
export function callCase<K extends Kind>(
  name: string, kind: K, operands: readonly Operand[], attributes: Attributes[K], expected: NdArray | readonly NdArray[], tolerance?: Tolerance,
): Case {
  const inputs = operands.map((o) => ('layout' in o ? o : { values: o, layout: 'dense' as const }));
  const outputs = Array.isArray(expected) ? (expected as readonly NdArray[]) : [expected as NdArray];
  return {
    name,
    dtypes: dtypesOf([...inputs.map((o) => o.values), ...outputs]),
    async run(bench) {
      const results = bench.call(kind, inputs.map((o) => bench.place(o.values, o.layout)), attributes);
      for (const [k, output] of outputs.entries()) {
        await bench.expect(results[k]!, output, tolerance, outputs.length === 1 ? kind : `${kind}, output ${k}`);
      }
    },
  };
}

/** The dtypes of arrays, each once. */
export function dtypesOf(arrays: readonly { readonly dtype: DType }[]): DType[] {
  return [...new Set(arrays.map((x) => x.dtype))];
}
