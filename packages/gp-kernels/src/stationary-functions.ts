import { customGradient } from '@matheron/autograd';
import { type Tensor, where } from '@matheron/core-tensor';

// Functions of s = Σ w_d (x_d − z_d)², with derivatives in s that never divide by r = √(c s), so that they are exact at equal points
// and twice differentiable as far as the function is.

type Fn = (s: Tensor) => Tensor;

/** e^{−√(c s)}, derivative in s: −c e^{−r} / (2 r), and 0 where s is 0 (the convention for √). */
function exponential(c: number): Fn {
  const fn = customGradient<[Tensor], [Tensor]>({
    forward: (s) => { const r = s.mul(c).sqrt(); return [r.neg().exp(), r]; },
    backward: (g, { output, kept: [r] }) => {
      const zero = r.equal(0);
      return [g.mul(where(zero, 0, output.mul(-c / 2).div(where(zero, 1, r))))];
    },
  });
  return fn as Fn;
}
/** (1 + r) e^{−r} with r = √(c s), derivative in s: −c/2 e^{−r}. */
function onePlus(c: number): Fn {
  const derivative = exponential(c);
  return customGradient<[Tensor]>({
    forward: (s) => { const r = s.mul(c).sqrt(); return [r.add(1).mul(r.neg().exp())]; },
    backward: (g, { inputs: [s] }) => [g.mul(-c / 2).mul(derivative(s))],
  }) as Fn;
}
const onePlus5 = onePlus(5);

/** Matérn-1/2: e^{−√s}. */
export const matern12: Fn = exponential(1);
/** Matérn-3/2: (1 + r) e^{−r}, r = √(3 s). */
export const matern32: Fn = onePlus(3);
/** Matérn-5/2: (1 + r + r²/3) e^{−r}, r = √(5 s); derivative in s: −5/6 (1 + r) e^{−r} (Rasmussen & Williams 2006, eq. 4.17). */
export const matern52: Fn = customGradient<[Tensor]>({
  forward: (s) => {
    const r = s.mul(5).sqrt();
    return [r.add(1).add(s.mul(5 / 3)).mul(r.neg().exp())];
  },
  backward: (g, { inputs: [s] }) => [g.mul(-5 / 6).mul(onePlus5(s))],
}) as Fn;
