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
  if (typeof v === 'boolean') return String(v);
  if (Number.isInteger(v)) return Object.is(v, -0) ? '-0' : String(v);
  const short = Number(v.toPrecision(6));
  return String(short);
}

type Visible = { head: readonly NestedArray[]; cut: boolean; tail: readonly NestedArray[] };
function visible(list: readonly NestedArray[], edge: number): Visible {
  return list.length > 2 * edge ? { head: list.slice(0, edge), cut: true, tail: list.slice(-edge) } : { head: list, cut: false, tail: [] };
}
function collect(x: NestedArray, edge: number, visit: (v: number | boolean) => void): void {
  if (!Array.isArray(x)) return visit(x as number | boolean);
  const { head, tail } = visible(x, edge);
  for (const y of [...head, ...tail]) collect(y, edge, visit);
}
function layout(x: NestedArray, edge: number, width: number, indent: number): string {
  if (!Array.isArray(x)) return formatValue(x as number | boolean).padStart(width);
  const { head, cut, tail } = visible(x, edge);
  const flat = !Array.isArray(x[0]);
  const parts = [...head.map((y) => layout(y, edge, width, indent + 1)), ...(cut ? ['…'] : []), ...tail.map((y) => layout(y, edge, width, indent + 1))];
  return `[${parts.join(flat ? ', ' : `,\n${' '.repeat(indent + 1)}`)}]`;
}
