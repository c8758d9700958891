import { cpu } from '@matheron/backend-cpu';
import { setDefaultContext } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';
import { KernelSyntaxError, parseKernel } from '../src/index.ts';

setDefaultContext(cpu());

describe('parseKernel', () => {
  it.each([
    ['rbf', 'rbf(lengthscale=1)'],
    ['scale(rbf) * periodic(period=1) + white', 'scale(rbf(lengthscale=1), outputscale=1) * periodic(lengthscale=1, period=1) + white(noise_variance=1)'],
    ['2*rbf+3.5e-1 * Matern52', 'scale(rbf(lengthscale=1), outputscale=2) + scale(matern52(lengthscale=1), outputscale=0.35)'],
    ['(rbf + rq) * linear', '(rbf(lengthscale=1) + rq(lengthscale=1, alpha=1)) * linear(variance=1)'],
    ['(rbf + linear)[1, 2]', '(rbf(lengthscale=1) + linear(variance=1))[1, 2]'],
    ['rbf(lengthscale=[1, 2])[0,3]', 'rbf(lengthscale=[1, 2], ard=true)[0, 3]'],
    ['periodic(period=fixed(12))', 'periodic(lengthscale=1, period=fixed(12))'],
    ['scale(scale(rbf, outputscale=2), outputscale=3)', 'scale(scale(rbf(lengthscale=1), outputscale=2), outputscale=3)'],
    ['polynomial(degree=4)', 'polynomial(offset=1, degree=4)'],
    ['2', 'constant(value=2)'],
    ['se + const + noise + poly', 'rbf(lengthscale=1) + constant(value=1) + white(noise_variance=1) + polynomial(offset=1, degree=2)'],
  ])('%s', (text, printed) => {
    const kernel = parseKernel(text);
    expect(String(kernel)).toBe(printed);
    expect(String(parseKernel(printed))).toBe(printed);
  });
  it('bounds and fixed values reach the hyperparameter', () => {
    expect(parseKernel('rbf(lengthscale=[1, 2] in [0.1, 10])').hyperparameters()[0]).toMatchObject({ bounds: [0.1, 10], shape: [2] });
    const [lengthscale] = parseKernel('rbf(lengthscale=2 in [0.1, 10])').hyperparameters();
    expect(lengthscale!.bounds).toEqual([0.1, 10]);
    expect(lengthscale!.trainable).toBe(true);
    const [, period] = parseKernel('periodic(period=fixed(1))').hyperparameters();
    expect(period!.trainable).toBe(false);
  });
  it.each([
    ['rfb', 0, /unknown kernel 'rfb'/, 'rbf'],
    ['rbf + maternn52', 6, /unknown kernel 'maternn52'/, 'matern52'],
    ['periodic(perod=1)', 9, /unknown setting 'perod'/, 'period'],
    ['rbf +', 5, /the expression ends/, undefined],
    ['', 0, /the expression ends/, undefined],
    ['rbf rq', 4, /unexpected 'rq'/, undefined],
    ['rbf)', 3, /unexpected '\)'/, undefined],
    ['(rbf', 4, /the expression ends/, undefined],
    ['rbf & rq', 4, /unexpected '&'/, undefined],
    ['rbf(lengthscale)', 15, /unexpected '\)'/, undefined],
    ['rbf(lengthscale=)', 16, /unexpected '\)'/, undefined],
    ['rbf(lengthscale=1, lengthscale=2)', 19, /given twice/, undefined],
    ['rbf(lengthscale=-1)', 0, /must be positive|outside/, undefined],
    ['-2 * rbf', 0, /not positive/, undefined],
    ['rbf[0.5]', 3, /unexpected '\['/, undefined],
    ['rbf(lengthscale=1 in [3, 2])', 21, /unexpected '\['/, undefined],
    ['scale', 5, /the expression ends/, undefined],
  ])('%j: position, expected, suggestion', (text, position, message, suggestion) => {
    let error: unknown;
    try {
      parseKernel(text);
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(KernelSyntaxError);
    const e = error as KernelSyntaxError;
    expect(e.message).toMatch(message);
    expect(e.position).toBe(position);
    expect(e.expected).not.toBe('');
    expect(e.suggestion).toBe(suggestion);
    // the caret stands below the place
    expect(e.message.split('\n').at(-1)).toBe(`  ${' '.repeat(position)}^`);
  });
});
