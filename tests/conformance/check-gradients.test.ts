import { customGradient } from '@matheron/autograd';
import { GradientMismatchError, checkGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { DTypeError, type Tensor, exp, log, matmul, mul, setDefaultContext, sin, square, sum, tensor } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

function mismatch(body: () => void): GradientMismatchError {
  try {
    body();
  } catch (error) {
    if (error instanceof GradientMismatchError) return error;
    throw error;
  }
  throw new Error('no GradientMismatchError');
}

describe('checkGradients', () => {
  it('accepts functions of scalars, of arrays and of several tensors', () => {
    checkGradients((x) => sin(x), [0.3]);
    checkGradients((x, y) => sum(mul(exp(x!), square(y!))), [[0.1, -0.4], [1, 2]]);
    checkGradients((a, b) => matmul(a!, b!), [tensor([[1, 2], [3, 4]]), tensor([[0.5], [1.5]])]);
  });

  it('halves its steps where the function ends', () => {
    checkGradients((x) => log(x), [[1e-4, 1e-2, 2]]);
  });

  it('works in float32', () => {
    checkGradients((x) => mul(sin(x), x), [tensor([0.3, -1.1], { dtype: 'float32' })]);
  });

  it('names argument, index and both values where a rule is wrong in one element', () => {
    const f = customGradient({ forward: (x: Tensor, y: Tensor) => [mul(x, y)] as const, backward: (g, { inputs: [x, y] }) => [mul(g, y), mul(g, mul(x, [[1, 1], [1.001, 1]]))] });
    const error = mismatch(() => checkGradients(f, [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]));
    expect(error.argument).toBe(1);
    expect(error.index).toEqual([1, 0]);
    expect(error.analytic / error.numeric).toBeCloseTo(1.001, 9);
    expect(error.code).toBe('gradient-mismatch');
    expect(error.message).toContain('reverse mode');
  });

  it('finds a second derivative that is wrong where the first is right', () => {
    const f = customGradient({ forward: (x: Tensor) => [mul(x, square(x))] as const, backward: (g, { inputs: [x] }) => [mul(g, mul(square(x.detach()), 3))] });
    checkGradients(f, [[0.7, -1.2]], { order: 1 });
    expect(mismatch(() => checkGradients(f, [[0.7, -1.2]])).message).toContain('of the gradient');
  });

  it('finds a wrong gradient in forward mode alone', () => {
    const f = customGradient({ forward: (x: Tensor) => [square(x)] as const, backward: (g, { inputs: [x] }) => [mul(g, x)] });
    expect(mismatch(() => checkGradients(f, [[0.7]], { modes: ['forward'] })).message).toContain('forward mode');
  });

  it('finds a NaN', () => {
    const f = customGradient({ forward: (x: Tensor) => [square(x)] as const, backward: (g) => [mul(g, Number.NaN)] });
    expect(mismatch(() => checkGradients(f, [[0.7]])).analytic).toBeNaN();
  });

  it('refuses arguments that are no floats', () => {
    expect(() => checkGradients((x) => x, [tensor([1, 2], { dtype: 'int32' })])).toThrow(DTypeError);
  });
});
