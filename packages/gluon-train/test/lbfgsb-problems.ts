/** The problems of tooling/oracle/lbfgsb.py, written again. */
type Problem = (x: Float64Array) => readonly [number, Float64Array];
const sum = (n: number, f: (i: number) => number): number => {
  let s = 0;
  for (let i = 0; i < n; i++) s += f(i);
  return s;
};

export const problems: Record<string, Problem> = {
  rosenbrock([x, y]) {
    const [a, b] = [1 - x!, y! - x! * x!];
    return [a * a + 100 * b * b, Float64Array.of(-2 * a - 400 * b * x!, 200 * b)];
  },
  driver1(x) {
    const g = new Float64Array(x.length);
    let f = (x[0]! - 1) ** 2;
    g[0] = 2 * (x[0]! - 1);
    for (let i = 1; i < x.length; i++) {
      const r = x[i]! - x[i - 1]! ** 2;
      f += 4 * r * r;
      g[i]! += 8 * r;
      g[i - 1]! -= 16 * x[i - 1]! * r;
    }
    return [f, g];
  },
  beale([x, y]) {
    const g = new Float64Array(2);
    let f = 0;
    for (const [k, c] of [1.5, 2.25, 2.625].entries()) {
      const p = k + 1;
      const r = c - x! * (1 - y! ** p);
      f += r * r;
      g[0]! -= 2 * r * (1 - y! ** p);
      g[1]! += 2 * r * x! * p * y! ** (p - 1);
    }
    return [f, g];
  },
  himmelblau([x, y]) {
    const [a, b] = [x! * x! + y! - 11, x! + y! * y! - 7];
    return [a * a + b * b, Float64Array.of(4 * a * x! + 2 * b, 2 * a + 4 * b * y!)];
  },
  powellSingular([p, q, r, s]) {
    const [a, b, c, d] = [p! + 10 * q!, r! - s!, q! - 2 * r!, p! - s!];
    return [a * a + 5 * b * b + c ** 4 + 10 * d ** 4, Float64Array.of(2 * a + 40 * d ** 3, 20 * a + 4 * c ** 3, 10 * b - 8 * c ** 3, -10 * b - 40 * d ** 3)];
  },
  wood([p, q, r, s]) {
    const [a, b, c, d] = [q! - p! * p!, s! - r! * r!, q! + s! - 2, q! - s!];
    const f = 100 * a * a + (1 - p!) ** 2 + 90 * b * b + (1 - r!) ** 2 + 10 * c * c + 0.1 * d * d;
    return [f, Float64Array.of(-400 * a * p! - 2 * (1 - p!), 200 * a + 20 * c + 0.2 * d, -360 * b * r! - 2 * (1 - r!), 180 * b + 20 * c - 0.2 * d)];
  },
  broydenTridiagonal(x) {
    const n = x.length;
    const r = x.map((v, i) => (3 - 2 * v) * v - (x[i - 1] ?? 0) - 2 * (x[i + 1] ?? 0) + 1);
    const g = x.map((v, i) => 2 * r[i]! * (3 - 4 * v) - 2 * (r[i + 1] ?? 0) - 4 * (r[i - 1] ?? 0));
    return [sum(n, (i) => r[i]! ** 2), g];
  },
  trigonometric(x) {
    const n = x.length;
    const cosines = sum(n, (i) => Math.cos(x[i]!));
    const r = x.map((v, i) => n - cosines + (i + 1) * (1 - Math.cos(v)) - Math.sin(v));
    const total = sum(n, (i) => r[i]!);
    return [sum(n, (i) => r[i]! ** 2), x.map((v, i) => 2 * total * Math.sin(v) + 2 * r[i]! * ((i + 1) * Math.sin(v) - Math.cos(v)))];
  },
  scaledQuadratic(x) {
    const n = x.length;
    const k = x.map((_, i) => 10 ** ((4 * i) / (n - 1)));
    const c = (i: number): number => (i % 2 === 0 ? 1 : -1);
    const s = sum(n, (i) => x[i]!);
    return [0.5 * sum(n, (i) => k[i]! * (x[i]! - c(i)) ** 2) + 0.5 * s * s, x.map((v, i) => k[i]! * (v - c(i)) + s)];
  },
  hs45(x) {
    const without = (i: number): number => x.reduce((p, v, j) => (j === i ? p : p * v), 1);
    return [2 - x.reduce((p, v) => p * v, 1) / 120, x.map((_, i) => -without(i) / 120)];
  },
};
