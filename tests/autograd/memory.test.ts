import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { attachGrad, backward, customGradient, grad, gradOf, markCell, record, valueAndGrad } from '@matheron/autograd';
import { cpu } from '@matheron/backend-cpu';
import {
  type Attributes, type Backend, type BackendTensor, type Call, CallBackend, Cell, Context, type DType, type Kind, type Shape, type Tensor, type TypedArray, performKind, scope, setDefaultContext,
  storageOf, tensor, zerosLike,
} from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

setDefaultContext(cpu());

class Held implements BackendTensor {
  freed = false;
  readonly value: BackendTensor;
  constructor(value: BackendTensor) {
    this.value = value;
  }
  get shape(): Shape { return this.value.shape; }
  get dtype(): DType { return this.value.dtype; }
}
/** A device whose memory is freed by hand: it counts what lives, and refuses what was freed. */
class Manual extends CallBackend<Held> {
  readonly name = 'manual';
  readonly base: Backend = cpu().backend;
  readonly capabilities = this.base.capabilities;
  live = 0;
  supports(dtype: DType): boolean { return this.base.supports(dtype); }
  #made(value: BackendTensor): Held {
    this.live++;
    return new Held(value);
  }
  #open(x: Held): BackendTensor {
    if (x.freed) throw new Error('used after it was freed');
    return x.value;
  }
  upload(values: TypedArray, shape: Shape, dtype: DType): Held { return this.#made(this.base.upload(values, shape, dtype)); }
  async read(x: Held): Promise<TypedArray> { return this.readSync(x); }
  readSync(x: Held): TypedArray { return this.base.readSync!(this.#open(x)); }
  dispose(x: Held): void {
    if (!x.freed) this.live--;
    x.freed = true;
  }
  apply({ kind, inputs, attributes }: Call<Held>): Held[] {
    return performKind(this.base, kind, inputs.map((x) => this.#open(x)), attributes as Attributes[Kind]).map((value) => this.#made(value));
  }
}

describe('scope on a device that is freed by hand', () => {
  const backend = new Manual();
  const ctx = new Context('manual', 0, backend);
  const square = customGradient({ forward: (x: Tensor) => [x.square(), x.mul(2)], backward: (g, { kept: [d] }) => [g.mul(d)] });

  it('keeps what is returned or written, frees the rest, and nothing that is still used', () => {
    const x = tensor([1, 2, 3], { ctx });
    const before = backend.live;
    const [value, g] = scope(() => valueAndGrad((t: Tensor) => square(t.exp()).add(t.log()).sum())(x));
    expect(backend.live).toBe(before + 2);
    expect(value.item()).toBeGreaterThan(0);
    expect(g.dataSync().length).toBe(3);
    expect(x.toArray()).toEqual([1, 2, 3]);
    using second = scope(() => grad((t: Tensor) => grad((s: Tensor) => square(s).sum())(t).sum())(x));
    expect(backend.live).toBe(before + 3);
    expect(second.toArray()).toEqual([2, 2, 2]);
  });
  it('a training loop holds its parameters and gradients alone', () => {
    const data = new Cell(tensor([1, 2], { ctx }));
    const gradient = new Cell(zerosLike(data.read()));
    markCell(data, 'write', gradient);
    const counts: number[] = [];
    for (let k = 0; k < 5; k++) {
      const [oldData, oldGradient] = [data.read(), gradient.read()];
      scope(() => {
        backward(record(() => square(data.read()).sum()));
        data.write(data.read().sub(gradient.read().mul(0.1)));
      });
      oldData[Symbol.dispose]();
      oldGradient[Symbol.dispose]();
      counts.push(backend.live);
    }
    expect(new Set(counts).size).toBe(1);
    expect(data.read().toArray()).toEqual([0.8 ** 5, 2 * 0.8 ** 5].map((v) => expect.closeTo(v, 12) as number));
  });
  it('nests: what an inner scope returns belongs to the outer one', () => {
    const x = tensor([1], { ctx });
    const before = backend.live;
    scope(() => { scope(() => x.mul(2)).mul(3); });
    expect(backend.live).toBe(before);
    expect(scope(() => scope(() => x.mul(2))).item()).toBe(2);
  });
});

it('backward lets go of the graph, while its head lives on', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const w = attachGrad(tensor([1, 2]));
  const build = (): { loss: Tensor; middle: WeakRef<BackendTensor> } =>
    record(() => {
      const middle = w.exp();
      return { loss: middle.square().sum(), middle: new WeakRef(storageOf(middle)) };
    });
  const { loss, middle } = build();
  const collect = async (): Promise<void> => {
    for (let k = 0; k < 3; k++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      gc();
    }
  };
  await collect();
  expect(middle.deref()).toBeDefined();
  backward(loss);
  await collect();
  expect(middle.deref()).toBeUndefined();
  expect(loss.item()).toBeGreaterThan(0);
  expect(gradOf(w).dataSync().length).toBe(2);
});
