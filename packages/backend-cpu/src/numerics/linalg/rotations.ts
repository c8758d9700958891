import { hypotenuse } from './scaling.ts';

/** The rotation found by the last call of `makeRotation`: one object, as rotations are made in inner loops. */
export interface Rotation {
  c: number;
  s: number;
  r: number;
}

/** Writes into `out` c, s and r with c f + s g = r and c g − s f = 0. */
export function makeRotation(f: number, g: number, out: Rotation): void {
  if (g === 0) {
    out.c = 1;
    out.s = 0;
    out.r = f;
    return;
  }
  const r = hypotenuse(f, g);
  out.c = f / r;
  out.s = g / r;
  out.r = r;
}

/** (x, y) := (c x + s y, c y − s x) for the rows of length n at offsets p and q of `z`. */
export function rotateRows(n: number, z: Float64Array, p: number, q: number, c: number, s: number): void {
  for (const end = p + n; p < end; p++, q++) {
    const x = z[p]!;
    const y = z[q]!;
    z[p] = c * x + s * y;
    z[q] = c * y - s * x;
  }
}
