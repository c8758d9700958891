import type { Tensor } from '@matheron/core-tensor';
import { ArgumentError, type FileSource, type LoadOptions, Parameter, loadTensors, missingKeys, saveTensors } from '@matheron/gluon-params';
import type { Block } from './block.ts';

const metadata = { format: 'matheron-block/1' };

/** Writes a block's parameters by structural names. */
export async function saveStructural(block: Block, file: string, options: { deduplicate?: boolean }): Promise<void> {
  const params = block.structuralParams();
  const names = options.deduplicate ? new Map([...params].map(([name, parameter]) => [parameter, name])) : undefined;
  const tensors: Record<string, Tensor> = {};
  for (const [name, parameter] of params) if (!names || names.get(parameter) === name) tensors[name] = parameter.reduce();
  await saveTensors(file, tensors, { metadata });
}

/**
 * Reads parameters into a block. Names may be structural (what `saveParameters` writes), full, or full without the block's prefix: whichever the
 * block knows, the first kind first.
 */
export async function loadStructural(block: Block, source: FileSource, options: LoadOptions): Promise<void> {
  const { tensors } = await loadTensors(source);
  const keys = Object.keys(tensors);
  const params = block.structuralParams();
  if (keys.some((key) => key.includes('.') || params.has(key)) || keys.length === 0) {
    assign(params, tensors, options);
    return;
  }
  const all = block.collectParams();
  const full = keys.some((key) => all.has(key.replace(/^(arg|aux):/, '')));
  all.loadDict(tensors, { ...options, restorePrefix: full ? '' : block.prefix });
}

function assign(params: ReadonlyMap<string, Parameter>, tensors: Readonly<Record<string, Tensor>>, options: LoadOptions): void {
  const found = new Set<Parameter>();
  for (const [name, parameter] of params) if (Object.hasOwn(tensors, name)) found.add(parameter);
  // One name of a shared parameter is enough.
  const missing = options.allowMissing ? [] : [...params].filter(([, parameter]) => !found.has(parameter)).map(([name]) => name);
  const extra = options.ignoreExtra ? [] : Object.keys(tensors).filter((name) => !params.has(name));
  if (missing.length > 0 || extra.length > 0) throw missingKeys(missing, extra, Object.keys(tensors));
  Parameter.loadTogether(Object.entries(tensors).flatMap(([name, value]) => (params.has(name) ? [[params.get(name)!, value] as const] : [])), options);
}

interface BlockRecord {
  class: string;
  name: string;
  params: Record<string, string>;
  children: Record<string, BlockRecord>;
}
interface ModelFile {
  format: string;
  block: BlockRecord;
}

function describe(block: Block): BlockRecord {
  return {
    class: block.constructor.name,
    name: block.name,
    params: Object.fromEntries(Array.from(block.ownParams(), ([key, parameter]) => [key, parameter.name])),
    children: Object.fromEntries(Array.from(block.children(), ([key, child]) => [key, describe(child)])),
  };
}

/** Writes `prefix-model.json` and `prefix-model.params`. */
export async function saveBlock(block: Block, prefix: string): Promise<void> {
  const { writeFileAtomic } = await import('@matheron/io/node');
  await saveTensors(`${prefix}-model.params`, Object.fromEntries(Array.from(block.structuralParams(), ([name, parameter]) => [name, parameter.reduce()])), { metadata });
  await writeFileAtomic(`${prefix}-model.json`, `${JSON.stringify({ format: 'matheron-block/1', block: describe(block) } satisfies ModelFile, undefined, 2)}\n`);
}

/** Reads what {@link saveBlock} wrote: first checks that the tree of blocks is the same. */
export async function loadBlock(block: Block, prefix: string): Promise<void> {
  const { readFileBytes } = await import('@matheron/io/node');
  const text = new TextDecoder().decode(await readFileBytes(`${prefix}-model.json`));
  let file: ModelFile;
  try {
    file = JSON.parse(text) as ModelFile;
  } catch (cause) {
    throw new ArgumentError('prefix', prefix, `a readable ${prefix}-model.json (${(cause as Error).message})`);
  }
  if (file.format !== 'matheron-block/1') throw new ArgumentError('prefix', prefix, `a file that Block.save wrote, of format matheron-block/1; it says ${JSON.stringify(file.format)}`);
  compare(file.block, describe(block), block.constructor.name);
  await loadStructural(block, `${prefix}-model.params`, {});
}

function compare(saved: BlockRecord, own: BlockRecord, path: string): void {
  const [before, now] = [Object.keys(saved.children), Object.keys(own.children)];
  if (saved.class !== own.class || before.join() !== now.join()) {
    throw new ArgumentError('prefix', `a saved ${saved.class} with children ${before.join(', ') || '(none)'}`, `the structure of ${path}, a ${own.class} with children ${now.join(', ') || '(none)'}`);
  }
  for (const key of now) compare(saved.children[key]!, own.children[key]!, `${path}.${key}`);
}
