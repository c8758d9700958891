import type { Tensor } from '@matheron/core-tensor';
import { IndexError, warn } from '@matheron/core-tensor';
import { Block, type BlockOptions, type HybridizeOptions } from '../block.ts';
import { HybridBlock } from '../hybrid-block.ts';
import type { Layer } from '../types.ts';
import { indent } from '../walk.ts';

type Arguments = readonly (Layer | BlockOptions | undefined)[];

function takeOptions(args: Arguments): [BlockOptions, Layer[]] {
  const [first, ...rest] = args;
  if (first === undefined || first instanceof Block) return [{}, args.filter((x) => x !== undefined) as Layer[]];
  return [first, rest as Layer[]];
}
function layersOf(block: Block): Layer[] {
  return Array.from(block.children(), ([, child]) => child as Layer);
}
function layerAt(layers: readonly Layer[], index: number): Layer {
  const layer = layers.at(index);
  if (!layer || !Number.isInteger(index)) throw new IndexError('Sequential.at', `Sequential.at: there is no layer ${index} among ${layers.length}; use an integer in [${-layers.length}, ${layers.length})`, index, layers.length);
  return layer;
}
function print(block: Block): string {
  const lines = Array.from(block.children(), ([key, child]) => `  (${key}): ${indent(child.toString())}`);
  return `${block.constructor.name}(\n${lines.join('\n')}\n)`;
}


/** What both sequences add to their kind of block. */
interface LayerSequence extends Iterable<Layer> {
  /** Puts layers at the end. */
  add(...layers: Layer[]): this;
  /** The layer at `index`, from the end where negative. IndexError outside. */
  at(index: number): Layer;
  /** The number of layers. */
  readonly length: number;
  /** The layers from the first on. */
  [Symbol.iterator](): IterableIterator<Layer>;
  /** `x` through all layers. */
  forward(x: Tensor): Tensor;
}
type SequenceClass<B extends Block> = new (options: BlockOptions) => B & LayerSequence;

/** The kind of block with what makes it a sequence. */
function sequenceOf<B extends Block>(kind: new (options: BlockOptions) => B): SequenceClass<B> {
  const Base: new (options: BlockOptions) => Block = kind;
  class Layers extends Base implements LayerSequence {
    add(...layers: Layer[]): this {
      for (const layer of layers) this.registerChild(layer);
      return this;
    }
    at(index: number): Layer {
      return layerAt(layersOf(this), index);
    }
    get length(): number {
      return layersOf(this).length;
    }
    [Symbol.iterator](): IterableIterator<Layer> {
      return layersOf(this).values();
    }
    override forward(x: Tensor): Tensor {
      let y = x;
      for (const [, layer] of this.children()) y = (layer as Layer).call(y);
      return y;
    }
    override toString(): string {
      return print(this);
    }
  }
  return Layers as unknown as SequenceClass<B>;
}
const BlockSequence: SequenceClass<Block> = /* @__PURE__ */ sequenceOf(Block);
const HybridBlockSequence: SequenceClass<HybridBlock> = /* @__PURE__ */ sequenceOf(HybridBlock);

/** Layers one after the other. */
export class Sequential extends BlockSequence {
  constructor(...layers: Layer[]);
  constructor(options: BlockOptions, ...layers: Layer[]);
  constructor(...args: Arguments) {
    const [options, layers] = takeOptions(args);
    super({ alias: 'sequential', ...options });
    this.add(...layers);
  }
  /** A container with the same prefix and some of the same layers. */
  slice(start?: number, stop?: number): Sequential {
    return new Sequential({ prefix: this.prefix }, ...layersOf(this).slice(start, stop));
  }
  override hybridize(active = true, options: HybridizeOptions = {}): void {
    const layers = layersOf(this);
    if (active && layers.length > 0 && layers.every((layer) => layer instanceof HybridBlock)) {
      warn('hybrid-sequential', `all layers of ${this.name} are hybrid; in an nn.HybridSequential they are compiled as one`);
    }
    super.hybridize(active, options);
  }
}

/** Hybrid layers one after the other, compiled as one. */
export class HybridSequential extends HybridBlockSequence {
  constructor(...layers: Layer[]);
  constructor(options: BlockOptions, ...layers: Layer[]);
  constructor(...args: Arguments) {
    const [options, layers] = takeOptions(args);
    super({ alias: 'hybridsequential', ...options });
    this.add(...layers);
  }
  /** A container with the same prefix and some of the same layers. */
  slice(start?: number, stop?: number): HybridSequential {
    return new HybridSequential({ prefix: this.prefix }, ...layersOf(this).slice(start, stop));
  }
}
