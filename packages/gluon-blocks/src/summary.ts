import { Tensor, sizeOf } from '@matheron/core-tensor';
import { pause } from '@matheron/autograd';
import { ArgumentError, type Parameter, isKnown } from '@matheron/gluon-params';
import type { Block } from './block.ts';
import type { HookHandle } from './hooks.ts';

interface Row {
  readonly layer: string;
  readonly shape: string;
  readonly params: number;
}

/** A table of layers in the order they ran: Gluon's `summary`. Shared parameters count where they first appear, and each once in the totals. */
export function summarize(block: Block, inputs: readonly unknown[]): string {
  const all: Block[] = [block, ...block.descendants()];
  const hybridized = all.find((b) => (b as { hybridized?: boolean }).hybridized);
  if (hybridized) throw new ArgumentError('summary', `${block.name}, which is hybridized`, 'a block that runs step by step; call hybridize(false) first');
  const rows: Row[] = [{ layer: 'Input', shape: shapes(inputs.length === 1 ? inputs[0] : inputs), params: 0 }];
  const handles: HookHandle[] = [];
  try {
    for (const b of new Set(all)) {
      handles.push(
        b.registerForwardHook((_, __, output) => {
          const isContainer = b !== block && [...b.ownParams()].length === 0 && [...b.children()].length > 0 && /Sequential$/.test(b.constructor.name);
          if (isContainer) return;
          rows.push({ layer: `${b.constructor.name}-${rows.length}`, shape: shapes(output), params: [...b.ownParams()].reduce((n, [, p]) => n + count(p), 0) });
        }),
      );
    }
    pause(() => void (block as { call(...x: readonly unknown[]): unknown }).call(...inputs));
  } finally {
    for (const handle of handles) handle.detach();
  }
  return table(rows, block);
}

function table(rows: readonly Row[], block: Block): string {
  const line = (a: string, b: string, c: string): string => `${a.padStart(20)}  ${b.padStart(42)} ${c.padStart(15)}`;
  const uses = [...block.structuralParams().values()];
  const unique = new Set([...uses, ...block.collectParams().values()]);
  const total = (params: Iterable<Parameter>, wanted = (_: Parameter): boolean => true): number => {
    let sum = 0;
    for (const p of params) if (wanted(p)) sum += count(p);
    return sum;
  };
  const trainable = (p: Parameter): boolean => p.gradReq !== 'null';
  const double = '='.repeat(80);
  const single = '-'.repeat(80);
  const used = [...uses, ...[...unique].filter((p) => !uses.includes(p))];
  return [
    single,
    line('Layer (type)', 'Output Shape', 'Param #'),
    double,
    ...rows.map((r) => line(r.layer, r.shape, String(r.params))),
    double,
    'Parameters in forward computation graph, duplicate included',
    `   Total params: ${total(used)}`,
    `   Trainable params: ${total(used, trainable)}`,
    `   Non-trainable params: ${total(used, (p) => !trainable(p))}`,
    `Shared params in forward computation graph: ${total(used) - total(unique)}`,
    `Unique parameters in model: ${total(unique)}`,
    single,
  ].join('\n');
}

function count(p: Parameter): number {
  return isKnown(p.shape) ? sizeOf(p.shape) : 0;
}
function shapes(x: unknown): string {
  if (x instanceof Tensor) return `(${x.shape.join(', ')}${x.ndim === 1 ? ',' : ''})`;
  if (Array.isArray(x)) return `[${x.map(shapes).join(', ')}]`;
  return x === undefined || x === null ? 'None' : typeof x;
}
