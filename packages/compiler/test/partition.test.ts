import { expect, it } from 'vitest';
import { partition } from '../src/derivative.ts';
import { graphOf, input, newTrace } from './graphs.ts';

it('keeps what the backward part needs, but makes movement and constants again', () => {
  const t = newTrace(), x = input(t, 5, 1), w = input(t, 3), g = input(t, 5, 3);
  const wide = t.broadcastTo(x, [5, 3]), e = t.unary('exp', wide), shown = t.unary('square', e);
  const back = t.binary('mul', t.binary('mul', g, t.permute(t.permute(e, [1, 0]), [1, 0])), t.binary('mul', g, wide));
  const kept = t.binary('add', back, t.broadcastTo(t.reshape(w, [1, 3]), [5, 3]));
  const { residuals, saved } = partition(graphOf(t, shown, kept), [g], [kept]);
  expect(residuals).toContain(e);
  expect(residuals).not.toContain(wide);
  expect(residuals).not.toContain(shown);
  expect([...saved].sort((a, b) => a.node.id - b.node.id)).toEqual([x, w]);
});
