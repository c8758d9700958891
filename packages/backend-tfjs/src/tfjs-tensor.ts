import { type DType, type Shape, TensorError, type TypedArray } from '@matheron/core-tensor';
import type { Handle, Kit } from './kit.ts';

/** The device memory of a tensor that nobody disposed of goes when the garbage collector finds it: a net below `scope`, no plan. */
const forgotten = new FinalizationRegistry<{ kit: Kit; handle: Handle }>(({ kit, handle }) => kit.dispose(handle));

/** Values of a tensor that is also, or only, known on the host. */
export interface HostValues { readonly values: TypedArray }

/** A backend's value: a handle of the device, or values on the host that go up when an operation asks for them. */
export class TfjsTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The values, where they came from the host. */
  readonly host: TypedArray | undefined;
  readonly #kit: Kit;
  #handle: Handle | undefined;
  #disposed = false;
  constructor(kit: Kit, source: Handle | HostValues, shape: Shape, dtype: DType, host?: TypedArray) {
    this.#kit = kit;
    this.shape = shape;
    this.dtype = dtype;
    if ('values' in source) this.host = source.values;
    else {
      this.host = host;
      this.#own(source);
    }
  }
  #own(handle: Handle): Handle {
    this.#handle = handle;
    forgotten.register(this, { kit: this.#kit, handle }, this);
    return handle;
  }
  /** The handle on the device. TensorError once the tensor was disposed of. */
  get handle(): Handle {
    if (this.#handle) return this.#handle;
    if (this.#disposed) {
      throw new TensorError('disposed', `a tensor of shape [${this.shape.join(', ')}] on ${this.#kit.name} was freed already; return it from the scope that made it, or keep it out of \`using\``);
    }
    return this.#own(this.#kit.keep(this.#kit.upload(this.host!, this.shape, this.dtype)));
  }
  get disposed(): boolean {
    return this.#disposed;
  }
  dispose(): void {
    if (this.#handle) {
      forgotten.unregister(this);
      this.#kit.dispose(this.#handle);
      this.#handle = undefined;
    }
    this.#disposed = true;
  }
}
