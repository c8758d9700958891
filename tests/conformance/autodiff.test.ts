import { autodiff } from '@matheron/autograd';
import { testBackend, testGradients } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { Context } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

const once = new Context('cpu', 0, autodiff(cpu().backend));
const twice = new Context('cpu', 0, autodiff(autodiff(cpu().backend)));

describe('autodiff(cpu)', () => {
  const { cases } = testBackend(() => once, { describe, it });
  it('runs more than 1,000 cases', () => expect(cases).toBeGreaterThan(1000));
});

describe('autodiff(autodiff(cpu))', () => {
  const { cases } = testBackend(() => twice, { describe, it });
  it('runs more than 1,000 cases', () => expect(cases).toBeGreaterThan(1000));
});

describe('gradients on autodiff(cpu)', () => {
  testGradients(() => once, { describe, it });
});
