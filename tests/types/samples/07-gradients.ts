// Gradients of your own function
import { tensor } from 'matheron';
import type { Tensor } from 'matheron';
import { grad, hessian, jvp, square, valueAndGrad } from 'matheron';

const rosenbrock = (x: Tensor): Tensor => x.slice(1).sub(square(x.slice(0))).square().mul(100).add(x.slice(0).sub(1).square());
console.log(grad(rosenbrock)([1, 2]).toArray(), hessian(rosenbrock)([1, 2]).shape, grad((x) => grad((z) => z.pow(3))(x))(2).item());
const [value, g] = valueAndGrad((w: { a: Tensor; b: Tensor }, x: Tensor) => w.a.mul(x).add(w.b).sum())({ a: 2, b: [1, 1] }, tensor([3, 4]));
const [v2, , residuals] = valueAndGrad((w: Tensor) => [w.square().sum(), w.sub(1)] as const, { aux: true })([1, 2]);
console.log(value.item(), g.a.item(), g.b.shape, v2.item(), residuals.shape, jvp(rosenbrock, [1, 2], [1, 0])[1].item());
