// What must not compile, and what must beside it: compiled functions and their minimization.
import { compile, minimize, tensor, valueAndGrad } from 'matheron';
import type { Tensor } from 'matheron';

// @ts-expect-error bound for a missing leaf
void minimize(compile(valueAndGrad((x: { a: Tensor }) => x.a.sum())), { a: 1 }, { bounds: { zz: [0, 1] } });

const withData = compile(valueAndGrad((w: Tensor, X: Tensor, y: Tensor) => X.matmul(w).sub(y).square().mean()));
const [value, gradient] = withData([1, 2], tensor([[1, 2]]), tensor([1]));
value.item();
void gradient.shape;
