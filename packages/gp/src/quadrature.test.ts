import { expect, it } from 'vitest';
import { gaussHermite } from './quadrature.ts';

it('integrates moments of the standard normal exactly', () => {
  for (const n of [1, 2, 3, 7, 32]) {
    const { nodes, weights } = gaussHermite(n);
    const moment = (k: number): number => nodes.reduce((s, x, i) => s + weights[i]! * x ** k, 0);
    // (2k − 1)!!
    let exact = 1;
    for (let k = 0; k < Math.min(n, 8); k++) {
      expect(Math.abs(moment(2 * k) / exact - 1)).toBeLessThan(1e-12);
      expect(Math.abs(moment(2 * k + 1)) / exact).toBeLessThan(1e-11);
      exact *= 2 * k + 1;
    }
  }
});
