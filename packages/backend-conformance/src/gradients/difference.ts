/** A computation that pauses for what it needs and ends with a number. */
type Steps = Generator<unknown, number, never>;

/**
 * df/dt at t by central differences, Richardson-extrapolated over halved steps (Ridders 1982): `f` gives f(t) for a displaced t.
 * Begins at `step` and halves it, up to `levels` times, until the extrapolation has settled to 1e-9: few times for a smooth
 * function, more beside a pole. Of the tableau, the value whose error estimate is smallest.
 */
export function* difference(f: (t: number) => Steps, t: number, step: number, levels: number): Steps {
  let row: number[] = [];
  let best = Number.NaN;
  let error = Number.POSITIVE_INFINITY;
  for (let level = 0, h = step; level < levels; level++, h /= 2) {
    const next = [yield* central(f, t, h)];
    for (let k = 1, power = 4; k <= row.length; k++, power *= 4) {
      next.push((power * next[k - 1]! - row[k - 1]!) / (power - 1));
      const estimate = Math.max(Math.abs(next[k]! - next[k - 1]!), Math.abs(next[k]! - row[k - 1]!));
      if (estimate <= error) {
        error = estimate;
        best = next[k]!;
      }
    }
    if (level >= 3 && error <= 1e-12 + 1e-9 * Math.abs(best)) break;
    // a step that left the domain says nothing about the smaller ones
    row = Number.isFinite(next[0]!) ? next : [];
  }
  return best;
}

function* central(f: (t: number) => Steps, t: number, h: number): Steps {
  const above = t + h;
  const below = t - h;
  return ((yield* f(above)) - (yield* f(below))) / (above - below);
}
