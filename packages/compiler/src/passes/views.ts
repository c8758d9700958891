import { type Attributes, type GraphValue, rowMajorStrides } from '@matheron/core-tensor';
import { operand } from './indices.ts';

/** The elements of `v` as a window on the row-major memory of `base`, over which `v` is movement alone. */
export function windowOn(base: GraphValue, v: GraphValue): { offset: number; strides: readonly number[] } {
  if (v === base) return { offset: 0, strides: rowMajorStrides(base.shape) };
  const x = operand(v, 0);
  const { offset, strides } = windowOn(base, x);
  const { kind, attributes } = v.node.call!;
  switch (kind) {
    case 'broadcastTo':
      return { offset, strides: strides.map((s, k) => (x.shape[k] === v.shape[k] ? s : 0)) };
    case 'permute':
      return { offset, strides: (attributes as Attributes['permute']).axes.map((a) => strides[a]!) };
    case 'slice': {
      const { ranges } = attributes as Attributes['slice'];
      return { offset: ranges.reduce((sum, { start }, k) => sum + start * strides[k]!, offset), strides: strides.map((s, k) => s * ranges[k]!.step) };
    }
    default: {
      const rest = strides.filter((_, k) => x.shape[k] !== 1);
      let k = 0;
      return { offset, strides: v.shape.map((s) => (s === 1 ? 1 : rest[k++]!)) };
    }
  }
}
