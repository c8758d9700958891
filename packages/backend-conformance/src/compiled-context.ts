import { compile } from '@matheron/compiler';
import {
  type Attributes, type Backend, type BackendTensor, type Call, CallBackend, type Capabilities, Context, type DType, type Kind, type Shape, type Tensor, type TypedArray, create, run, storageOf, withContext,
  wrapTensor,
} from '@matheron/core-tensor';

/** Each call traced to a graph of one node and run as a compiled function. */
class CompiledBackend extends CallBackend<BackendTensor> {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly readSync?: (x: BackendTensor) => TypedArray;
  readonly #ctx: Context;
  readonly #backend: Backend;
  constructor(ctx: Context) {
    super();
    const { backend } = ctx;
    this.#ctx = ctx;
    this.#backend = backend;
    this.name = `compiled(${backend.name})`;
    this.capabilities = backend.capabilities;
    if (backend.readSync) this.readSync = (x) => backend.readSync!(x);
  }
  supports(dtype: DType): boolean { return this.#backend.supports(dtype); }
  upload(values: TypedArray, shape: Shape, dtype: DType): BackendTensor { return this.#backend.upload(values, shape, dtype); }
  read(x: BackendTensor): Promise<TypedArray> { return this.#backend.read(x); }
  dispose(x: BackendTensor): void { this.#backend.dispose(x); }

  apply({ kind, inputs, attributes }: Call<BackendTensor>): BackendTensor[] {
    const ctx = this.#ctx;
    const f = compile((...x: Tensor[]) => (x.length > 0 ? run(kind as Kind, x, attributes) : [create(kind as 'full', ctx, attributes as Attributes['full'])]), { name: kind });
    const outputs = withContext(ctx, () => f(...inputs.map((x) => wrapTensor(ctx.backend, x, ctx)))).map(storageOf);
    f.dispose();
    return outputs;
  }
}

/**
 * A context on which every call is traced, planned and run as a compiled function of `ctx`: with it `testBackend` and
 * `testGradients` certify tracing, and a backend's own `compile`.
 */
export function compiledContext(ctx: Context): Context {
  return new Context(ctx.type, ctx.id, new CompiledBackend(ctx), { dtype: ctx.dtype });
}
