// What must not compile, and what must beside it: tensors and transformations.
import { exp, grad, hessian, record, tensor, tile, valueAndGrad, zeros } from 'matheron';
import type { Tensor } from 'matheron';

// @ts-expect-error string in nested array
tensor([1, 'a']);
// @ts-expect-error loss must be a Tensor, promise refused
grad(async (x: Tensor) => x.sum());
// @ts-expect-error number is no tree
grad((x: number) => exp(x));

interface W { a: Tensor; b: { c: Tensor } }
const nested = grad((w: W) => w.a.add(w.b.c).sum())({ a: 1, b: { c: [1, 2] } });
nested.b.c.item();
const list = grad((ws: readonly Tensor[]) => ws[0]!.sum())([1, 2]);
list[0]?.item();
const tuple = grad(([a, b]: [Tensor, Tensor]) => a.mul(b))([1, 2]);
tuple[1].item();
const third = grad((x) => grad((x2) => grad((x3) => x3.pow(4))(x2))(x))(1);
third.item();
const withData = valueAndGrad((w: Tensor, X: Tensor, y: Tensor) => X.matmul(w).sub(y).square().mean());
const [value, gradient] = withData([1, 2], tensor([[1, 2]]), tensor([1]));
value.item();
void gradient.shape;
const values = zeros([3]).dataSync();
let total = 0;
for (const v of values) total += v;
void [total, values.map((v) => v * 2), Math.max(...values)];
record(() => ({ loss: zeros([]), n: 3 })).n.toFixed();
void hessian((x) => x.square().sum())([1]).T.shape;
tile([1, 2], [2]);
