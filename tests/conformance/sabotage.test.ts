import { type Exception, testBackend } from '@matheron/backend-conformance';
import { cpu } from '@matheron/backend-cpu';
import { type Attributes, type Backend, type BackendTensor, type Call, CallBackend, Context, type DType, type Kind, type Shape, type TypedArray, UnsupportedOperationError, perform } from '@matheron/core-tensor';
import { describe, expect, it } from 'vitest';

type Sabotage = (call: Call<BackendTensor>, outputs: BackendTensor[], inner: Backend) => BackendTensor[];

/** The reference backend with one thing broken. */
class Broken extends CallBackend<BackendTensor> {
  readonly name = 'broken';
  readonly inner: Backend = cpu().backend;
  readonly capabilities = this.inner.capabilities;
  readonly #sabotage: Sabotage;
  constructor(sabotage: Sabotage) {
    super();
    this.#sabotage = sabotage;
  }
  supports(dtype: DType): boolean { return this.inner.supports(dtype); }
  upload(values: TypedArray, shape: Shape, dtype: DType): BackendTensor { return this.inner.upload(values, shape, dtype); }
  read(x: BackendTensor): Promise<TypedArray> { return this.inner.read(x); }
  dispose(x: BackendTensor): void { this.inner.dispose(x); }
  apply(call: Call<BackendTensor>): BackendTensor[] { return this.#sabotage(call, perform(this.inner, call), this.inner); }
}

/** The names of the cases that fail, among those whose name fits. */
async function failures(sabotage: Sabotage, exceptions: readonly Exception[] = [], only = /./): Promise<string[]> {
  const runs: [string, () => void | Promise<void>][] = [];
  let group = '';
  const options = {
    describe: (name: string, body: () => void) => { group = name; body(); },
    it: (name: string, body: () => void | Promise<void>) => { runs.push([`${group}: ${name}`, body]); },
    exceptions,
  };
  const { cases } = testBackend(() => new Context('broken', 0, new Broken(sabotage)), options);
  expect(runs.length).toBe(cases + exceptions.length);
  const failed: string[] = [];
  for (const [name, body] of runs.filter(([name]) => only.test(name))) {
    try {
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

/** Changes values of one kind of call. */
function values<K extends Kind>(kind: K, change: (data: TypedArray, call: Extract<Call<BackendTensor>, { kind: K }>, output: number) => void, when: (attributes: Attributes[K]) => boolean = () => true): Sabotage {
  return (call, outputs, inner) => {
    if (call.kind !== kind || !when(call.attributes as Attributes[K])) return outputs;
    return outputs.map((x, k) => {
      const data = inner.readSync!(x);
      change(data, call as Extract<Call<BackendTensor>, { kind: K }>, k);
      return inner.upload(data, x.shape, x.dtype);
    });
  };
}

const each = (f: (v: number) => number) => (data: TypedArray): void => data.forEach((v, k) => { data[k] = f(v); });

const broken: readonly (readonly [string, Sabotage, RegExp])[] = [
  ['exp is off by 1e-14', values('unary', each((v) => v * (1 + 1e-14)), ({ op }) => op === 'exp'), /^unary exp:/],
  ['erfc loses its tail', values('unary', each((v) => (v < 1e-30 ? 0 : v)), ({ op }) => op === 'erfc'), /^unary erfc:/],
  ['neg loses −0', values('unary', each((v) => v + 0), ({ op }) => op === 'neg'), /^unary neg:/],
  ['maximum drops NaN', values('binary', each((v) => (Number.isNaN(v) ? 0 : v)), ({ op }) => op === 'maximum'), /^binary maximum:/],
  ['equal compares a value with itself', (call, outputs, inner) => (call.kind === 'compare' && call.attributes.op === 'equal' ? [inner.unary('logicalNot', inner.compare('notEqual', inner.cast(call.inputs[0]!, 'float64'), inner.cast(call.inputs[0]!, 'float64')))] : outputs), /^compare equal:/],
  ['sums are in single precision', values('reduce', each(Math.fround), ({ op }) => op === 'sum'), /^reduce sum: float64/],
  ['argmax gives the last of equals', (call, outputs, inner) => {
    if (call.kind !== 'argReduce' || call.attributes.op !== 'argmax') return outputs;
    const x = call.inputs[0]!;
    const n = x.shape[call.attributes.axis]!;
    const flipped = inner.slice(x, x.shape.map((s, k) => (k === call.attributes.axis ? { start: s - 1, stop: -1, step: -1 } : { start: 0, stop: s, step: 1 })));
    const at = inner.argReduce('argmax', flipped, call.attributes.axis);
    return [inner.binary('sub', inner.full(n - 1, at.shape, 'int32'), at)];
  }, /^argmax:/],
  ['the upper triangle of a factor is not cleared', values('cholesky', (data, _call, k) => { if (k === 0 && data.length > 1) data[1] = 1; }), /^cholesky/],
  ['cholesky never reports a failure', values('cholesky', (data, _call, k) => { if (k === 1) data.fill(0); }), /^cholesky failures:/],
  ['a failed factor stays finite', values('cholesky', (data) => each((v) => (Number.isNaN(v) ? 1 : v))(data)), /^cholesky failures:/],
  ['repeated indices overwrite', (call, outputs, inner) => {
    if (call.kind !== 'scatterAdd') return outputs;
    const [x, index, updates] = call.inputs as [BackendTensor, BackendTensor, BackendTensor];
    const seen = new Set([...inner.readSync!(index)]);
    return seen.size === index.shape[0] ? outputs : [inner.scatterAdd(x, index, inner.binary('mul', updates, inner.full(0, updates.shape, updates.dtype)), call.attributes.axis)];
  }, /^scatterAdd:/],
  ['QR gives vectors that are not quite orthogonal', values('qr', (data, _call, k) => { if (k === 0 && data.length > 0) data[0]! += 1e-11; }), /^qr/],
  ['eigenvalues descend', values('eigh', (data, _call, k) => { if (k === 0) data.reverse(); }), /^eigh:/],
  ['random words are swapped', values('randomBits', (data) => data.reverse()), /^randomBits:/],
  ['fold forgets an overlap', values('fold', (data) => { if (data.length > 3) data[1] = 0; }), /^windows:/],
  ['results have a wrong dtype', (call, outputs, inner) => (call.kind === 'sort' ? [outputs[0]!, inner.cast(outputs[1]!, 'float64')] : outputs), /^sort:/],
];

describe('a broken backend is found out', () => {
  for (const [name, sabotage, where] of broken) {
    it(name, async () => {
      expect(await failures(sabotage, [], where)).not.toEqual([]);
    });
  }

  it('a kernel that writes to its operand', async () => {
    const failed = await failures((call, outputs) => {
      if (call.kind !== 'cumulative') return outputs;
      const raw = call.inputs[0] as BackendTensor & { data?: TypedArray };
      if (raw.data && raw.data.length > 0) raw.data[0]! += 1;
      return outputs;
    }, [], /^cumulative/);
    expect(failed).not.toEqual([]);
  });
});

describe('exceptions', () => {
  const refuse: Sabotage = (call, outputs) => {
    if (call.kind === 'svd') throw new UnsupportedOperationError('broken', 'svd', call.inputs[0]!.dtype, 'left out for the test');
    return outputs;
  };
  it('a refusal that is excepted passes', async () => {
    expect(await failures(refuse, [{ case: /^svd: /, reason: 'no singular values here' }], /^(svd|eigh|exceptions): /)).toEqual([]);
  });
  it('a refusal that is not excepted fails', async () => {
    const failed = await failures(refuse, [], /^(svd|eigh): /);
    expect(failed.length).toBeGreaterThan(100);
    expect(failed.every((c) => c.startsWith('svd: '))).toBe(true);
  });
  it('an exception that no case needs fails, and so does one that matches nothing', async () => {
    const failed = await failures((_call, outputs) => outputs, [{ case: 'interface: nothing', reason: 'a slip' }, { case: 'reshape: [6] to [2, 3], float64, dense', reason: 'said to be refused' }], /^(reshape|exceptions): /);
    expect(failed).toEqual(['reshape: [6] to [2, 3], float64, dense (exception: said to be refused)', 'exceptions: interface: nothing stands for a case']);
  });
  it('a tolerance widens what is accepted', async () => {
    const sloppy = values('unary', each((v) => v * (1 + 1e-9)), ({ op }) => op === 'exp');
    expect(await failures(sloppy, [{ case: /^unary exp: /, reason: 'a short polynomial', tolerance: 1e-6 }], /^unary exp: /)).toEqual([]);
  });
});
