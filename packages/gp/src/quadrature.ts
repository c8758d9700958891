/** Nodes and weights of Gauss–Hermite quadrature for a standard normal: E f(z) ≈ Σ weights[k] f(nodes[k]), exact for polynomials up to 2n − 1. */
export interface Quadrature { readonly nodes: readonly number[]; readonly weights: readonly number[] }

/** By Newton's method on orthonormal Hermite functions, from the asymptotic roots (Press et al., Numerical Recipes, section 4.6). */
export function gaussHermite(n: number): Quadrature {
  const nodes = new Array<number>(n);
  const weights = new Array<number>(n);
  let z = 0;
  for (let i = 0; i < (n + 1) >> 1; i++) {
    if (i === 0) z = Math.sqrt(2 * n + 1) - 1.85575 * (2 * n + 1) ** (-1 / 6);
    else if (i === 1) z -= (1.14 * n ** 0.426) / z;
    else if (i === 2) z = 1.86 * z - 0.86 * (nodes[0]! / Math.SQRT2);
    else if (i === 3) z = 1.91 * z - 0.91 * (nodes[1]! / Math.SQRT2);
    else z = 2 * z - nodes[i - 2]! / Math.SQRT2;
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [p1, p2] = [Math.PI ** -0.25, 0];
      for (let j = 0; j < n; j++) [p1, p2] = [z * Math.sqrt(2 / (j + 1)) * p1 - Math.sqrt(j / (j + 1)) * p2, p1];
      slope = Math.sqrt(2 * n) * p2;
      const move = p1 / slope;
      z -= move;
      if (Math.abs(move) < 1e-15 * Math.max(1, Math.abs(z))) break;
    }
    const weight = 2 / (slope * slope) / Math.sqrt(Math.PI);
    nodes[i] = z * Math.SQRT2;
    nodes[n - 1 - i] = -z * Math.SQRT2;
    weights[i] = weight;
    weights[n - 1 - i] = weight;
  }
  return { nodes, weights };
}
