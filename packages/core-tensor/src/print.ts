import { type NestedArray, nest } from './nested.ts';
import { formatShape } from './shape.ts';
import { type Tensor, backendOf, storageOf } from './tensor.ts';

const EDGE = 3;
const LIMIT = 1000;

/** What a person reads: values as NumPy lays them out (large axes shortened), then shape, dtype and context. */
export function formatTensor(x: Tensor): string {
  const tail = `shape ${formatShape(x.shape)}, ${x.dtype}, ${x.ctx}`;
  const backend = backendOf(x);
  if (!backend.readSync) return `Tensor(${tail})`;
  let values;
  try {
    values = backend.readSync(storageOf(x));
  } catch {
    return `Tensor(${tail}, ${backend.name})`;
  }
  const nested = nest(values, x.shape, x.dtype);
  const shown = x.size > LIMIT ? EDGE : Infinity;
  const cells: string[] = [];
  collect(nested, shown, (v) => cells.push(formatValue(v)));
  const width = Math.max(0, ...cells.map((c) => c.length));
  return `Tensor(${layout(nested, shown, width, 'Tensor('.length)}, ${tail})`;
}

function formatValue(v: number | boolean): string {
  if (typeof v === 'number' && !Number.isInteger(v)) return String(Number(v.toPrecision(6)));
  return Object.is(v, -0) ? '-0' : String(v);
}

/** The elements that are shown; `undefined` stands for those left out. */
function visible(list: readonly NestedArray[], edge: number): readonly (NestedArray | undefined)[] {
  return list.length > 2 * edge ? [...list.slice(0, edge), undefined, ...list.slice(-edge)] : list;
}
function collect(x: NestedArray | undefined, edge: number, visit: (v: number | boolean) => void): void {
  if (Array.isArray(x)) for (const y of visible(x, edge)) collect(y, edge, visit);
  else if (x !== undefined) visit(x as number | boolean);
}
function layout(x: NestedArray | undefined, edge: number, width: number, indent: number): string {
  if (x === undefined) return '…';
  if (!Array.isArray(x)) return formatValue(x as number | boolean).padStart(width);
  const parts = visible(x, edge).map((y) => layout(y, edge, width, indent + 1));
  return `[${parts.join(Array.isArray(x[0]) ? `,\n${' '.repeat(indent + 1)}` : ', ')}]`;
}
