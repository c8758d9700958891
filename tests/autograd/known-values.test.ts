import { readFileSync } from 'node:fs';
import { grad, hessian } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import * as m from '@matheron/core-tensor';
import { type NestedArray, type Tensor, type UnaryOp, setDefaultContext, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());
interface Fixture {
  gradients: Record<string, { x: NestedArray[]; value: number; gradients: NestedArray[]; hessian?: NestedArray }>;
  special: Record<string, { x: number[]; derivatives: number[][] }>;
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/derivatives.json', import.meta.url), 'utf8')) as Fixture;

function near(actual: Tensor, expected: NestedArray, tolerance: number): void {
  const e = tensor(expected);
  expect(actual.shape).toEqual(e.shape);
  const a = actual.dataSync();
  const b = e.dataSync();
  let scale = 1;
  for (const value of b) scale = Math.max(scale, Math.abs(value));
  for (let k = 0; k < b.length; k++) expect(Math.abs(a[k]! - b[k]!), `[${k}] ${a[k]} against ${b[k]}`).toBeLessThanOrEqual(tolerance * scale);
}

const w43 = m.arange(12).reshape(4, 3).div(10);
const w33 = m.arange(9).reshape(3, 3).div(10);
const functions: Record<string, (...x: Tensor[]) => Tensor> = {
  qr: (a) => { const { q, r } = m.qr(a); return w43.mul(q.square()).sum().add(w33.mul(r.abs()).sum()); },
  eigh: (a) => { const { values, vectors } = m.eigh(a.add(a.T).div(2)); return w33.mul(vectors.square()).sum().add(values.pow(3).sum()); },
  svd: (a) => { const { u, s, vt } = m.svd(a); return w43.mul(u.square()).sum().add(w33.mul(vt.square()).sum()).add(s.pow(3).sum()); },
  lu: (a) => {
    const packed = m.lu(a).lu;
    const low = m.tril(packed, -1).add(m.eye(3));
    return w33.mul(low).sum().add(w33.mul(m.triu(packed).square()).sum());
  },
  cholesky: (a) => w33.mul(m.cholesky(a)).sum(),
  solve: (a) => m.solve(a, w33).sum(),
  logdet: (a) => m.logDetFromCholesky(m.cholesky(a)),
  'prod with a zero': (x) => x.prod(),
  'prod with two zeros': (x) => x.prod(),
  'cumprod with a zero': (x) => m.cumprod(x).mul([1, 2, 3, 4]).sum(),
  'max ties': (x) => x.max(),
  'maximum ties': (x, y) => x.maximum(y).sum(),
  'minimum ties': (x, y) => x.minimum(y).sum(),
  'relu at 0': (x) => x.relu().sum(),
  'pow at base 0': (x, y) => x.pow(y).sum(),
  'square at 0': (x) => x.pow(2).sum(),
  mod: (x, y) => x.mod(y).sum(),
  arctan2: (x, y) => x.atan2(y).sum(),
  logsumexp: (x) => x.logSumExp(),
  softplus: (x) => x.softplus().sum(),
  sort: (x) => m.sort(x).values.square().mul([0, 1, 2, 3]).sum(),
  rosenbrock: (x) => x.slice([1]).sub(x.slice([null, -1]).square()).square().mul(100).add(m.sub(1, x.slice([null, -1])).square()).sum(),
};

describe('JAX', () => {
  for (const [name, { x, value, gradients, hessian: second }] of Object.entries(fixture.gradients)) {
    it(name, () => {
      const f = functions[name];
      if (!f) throw new Error(`no function for ${name}`);
      const at = x.map((v) => tensor(v));
      near(f(...at), value, 1e-12);
      const found = grad((z: Tensor[]) => f(...z))(at);
      gradients.forEach((g, k) => near(found[k]!, g, 1e-10));
      if (second) near(hessian((z) => f(z))(at[0]!), second, 1e-8);
    });
  }
});

describe('mpmath', () => {
  for (const [op, { x, derivatives }] of Object.entries(fixture.special)) {
    it(op, () => {
      let f = (t: Tensor): Tensor => m.run1('unary', [t], { op: op as UnaryOp });
      derivatives.forEach((expected, order) => {
        const before = f;
        f = grad((t: Tensor) => before(t).sum());
        const found = f(tensor(x)).dataSync();
        expected.forEach((e, k) => {
          // A derivative that itself is a difference of its parts loses what cancels in it: allow that, relative to its size.
          const tolerance = (1e-13 * 100 ** order) * Math.max(Math.abs(e), Number.MIN_VALUE * 1e20);
          expect(Math.abs(found[k]! - e), `${op} order ${order + 1} at ${x[k]}: ${found[k]} against ${e}`).toBeLessThanOrEqual(op === 'erfcx' && x[k]! > 2 ? tolerance * 300 : tolerance);
        });
      });
    });
  }
});
