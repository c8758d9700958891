import type { Attributes, Call, Kind } from '@matheron/core-tensor';

const number = (v: number): string => (Object.is(v, -0) ? '-0' : String(v));

type Writers = { readonly [K in Kind]: (at: Attributes[K]) => string };
const none = (): string => '';
const axis = (at: { readonly axis: number }): string => String(at.axis);
const writers: Writers = {
  full: (at) => `${number(at.value)};${at.shape.join()};${at.dtype}`,
  iota: (at) => `${at.size};${at.dtype}`,
  cast: (at) => at.dtype,
  reshape: (at) => at.shape.join(),
  permute: (at) => at.axes.join(),
  broadcastTo: (at) => at.shape.join(),
  concat: axis,
  slice: (at) => at.ranges.map((r) => `${r.start}:${r.stop}:${r.step}`).join(),
  pad: (at) => `${at.widths.map((w) => `${w.low}:${w.high}:${w.interior}`).join()};${number(at.value)}`,
  unary: (at) => at.op,
  binary: (at) => at.op,
  compare: (at) => at.op,
  where: none,
  reduce: (at) => `${at.op};${at.axes.join()}`,
  argReduce: (at) => `${at.op};${at.axis}`,
  cumulative: (at) => `${at.op};${at.axis}`,
  sort: axis,
  gather: axis,
  scatterAdd: axis,
  unfold: (at) => at.windows.map((w) => `${w.width}:${w.stride}:${w.dilation}`).join(),
  fold: (at) => `${at.windows.map((w) => `${w.width}:${w.stride}:${w.dilation}`).join()};${at.shape.join()}`,
  matmul: none,
  cholesky: none,
  triangularSolve: (at) => `${at.lower ? 1 : 0}${at.transpose ? 1 : 0}${at.unitDiagonal ? 1 : 0}${at.side}`,
  choleskyInverse: none,
  lu: none,
  qr: (at) => String(at.pivot),
  eigh: none,
  svd: none,
  randomBits: (at) => `${at.shape.join()};${at.bits}`,
};

/** The attributes of a call as text, different where the attributes are. */
export function attributeKey(call: Call<unknown>): string {
  return (writers[call.kind] as (at: unknown) => string)(call.attributes);
}
