const view = new DataView(new ArrayBuffer(8));

/** Doubles in order, one apart: position of x on that scale. */
function position(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

/** How many doubles lie between; NaN equals only NaN, and zeros of both signs are one. */
export function ulpDistance(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  const distance = position(a) - position(b);
  return Number(distance < 0n ? -distance : distance);
}

/** Fixture numbers: JSON numbers, and NaN, ±Infinity and -0 as strings. */
export function decode(x: number | string): number {
  return Number(x);
}
