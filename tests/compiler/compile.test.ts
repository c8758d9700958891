import { describe, expect, it } from 'vitest';
import { cpu } from '@matheron/backend-cpu';
import { wasm } from '@matheron/backend-wasm';
import { attachGrad, backward, customGradient, grad, gradOf, hessian, hvp, markCell, onBackward, record, valueAndGrad } from '@matheron/autograd';
import { CompileError, LeakedTracerError, TracedValueError, compile, tracing } from '@matheron/compiler';
import {
  AsyncFunctionError, Cell, Generator, type NestedArray, type Tensor, backendOf, cholesky, concat, cumsum, defaultRng, diagonal, eye, matmul, setDefaultContext, setSeed, square, sum, tensor, tensor as makeTensor, triangularSolve, tril, triu, where, zeros,
} from '@matheron/core-tensor';

setDefaultContext(cpu());
const close = (a: Tensor, b: Tensor, rtol = 1e-12): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.dtype).toBe(b.dtype);
  const x = a.dataSync(), y = b.dataSync();
  y.forEach((v, k) => {
    if (Number.isNaN(v)) expect(x[k]).toBeNaN();
    else expect(Math.abs(x[k]! - v)).toBeLessThanOrEqual(rtol * Math.max(1, Math.abs(v)));
  });
};
const X = tensor([[1, 2, 3], [4, 5, 7]]);
const w = tensor([0.5, -1, 2]);

describe('compile', () => {
  it.each(['float64', 'float32'] as const)('computes exp in %s as eager kernels do, whatever stands in the other lane', (dtype) => {
    const values = [0, 1, -1, 700, -700, 708.5, -708.5, 709.7, 710, -720, -745, -745.5, -746.5, -1e6, -Infinity, Infinity, NaN, 1e-300];
    const pairs = values.flatMap((a) => values.flatMap((b) => [a, b])), dense = Array.from({ length: 20001 }, (_, k) => (k - 10000) * 0.0709);
    const x = tensor([...pairs, ...dense], { ctx: wasm(), dtype });
    const want = x.exp().dataSync(), got = compile((t: Tensor) => t.exp().add(0))(x).dataSync();
    want.forEach((v, k) => {
      if (Number.isNaN(v)) expect(got[k]).toBeNaN();
      else expect(Math.abs(got[k]! - v) || 0).toBeLessThanOrEqual(Math.max(v * 5e-16, 5e-324));
    });
  });
  it('runs like its source, on trees', () => {
    const f = ({ x, list }: { x: Tensor; list: readonly Tensor[] }, power: number): { y: Tensor; pair: [Tensor, number] } => ({
      y: x.mul(list[0]!).add(1), pair: [power === 2 ? sum(square(x)) : sum(x), power],
    });
    const g = compile(f);
    for (const power of [2, 3, 2]) {
      const got = g({ x: X, list: [w] }, power), want = f({ x: X, list: [w] }, power);
      close(got.y, want.y);
      close(got.pair[0], want.pair[0]);
      expect(got.pair[1]).toBe(power);
    }
  });
  it('traces once for each shape, dtype, structure and static value', () => {
    let traces = 0;
    const f = compile((x: Tensor, axis?: number) => {
      traces++;
      return x.sum(axis);
    });
    f(X); f(X.add(1)); expect(traces).toBe(1);
    f(w); expect(traces).toBe(2);
    f(X, 0); f(X, 0); expect(traces).toBe(3);
    f(X, 1); expect(traces).toBe(4);
    f(X.astype('float32')); expect(traces).toBe(5);
    f(X); expect(traces).toBe(5);
    f.dispose(); f(X); expect(traces).toBe(6);
  });
  it('drops the least recently used trace', () => {
    let traces = 0;
    const f = compile((x: Tensor) => { traces++; return x.neg(); }, { cacheSize: 2 });
    f(zeros([1])); f(zeros([2])); f(zeros([1])); f(zeros([3])); f(zeros([1]));
    expect(traces).toBe(3);
    f(zeros([2]));
    expect(traces).toBe(4);
    expect(() => compile((x: Tensor) => x, { cacheSize: 0 })).toThrow(CompileError);
    for (const f of [undefined, null, 3]) expect(() => compile(f as never)).toThrow(CompileError);
  });
  it('captures tensors it closes over, and returns inputs and constants', () => {
    const f = compile((x: Tensor) => [x, w, x.mul(w), tensor([1, 2]), x] as const);
    const [a, b, c, d, e] = f(X);
    close(a, X); close(b, w); close(c, X.mul(w)); close(d, tensor([1, 2])); close(e, X);
  });
  it('takes numbers and arrays where grad takes them', () => {
    let traces = 0;
    const f = compile(valueAndGrad(({ a, b }: { a: Tensor; b: Tensor }) => {
      traces++;
      return sum(a.mul(b).exp());
    }));
    const [v, g] = f({ a: [1, 2], b: 0.5 });
    expect(v.item()).toBeCloseTo(Math.exp(0.5) + Math.exp(1), 12);
    expect(g.b.item()).toBeCloseTo(Math.exp(0.5) + 2 * Math.exp(1), 12);
    f({ a: [3, 4], b: 0.25 });
    expect(traces).toBe(1);
  });
  it('refuses what a trace cannot do, and says where', () => {
    const read = compile((x: Tensor) => (x.sum().item() > 0 ? x : x.neg()));
    let error: unknown;
    try { read(X); } catch (e) { error = e; }
    expect(error).toBeInstanceOf(TracedValueError);
    expect((error as TracedValueError).op).toBe('reduce sum');
    expect((error as TracedValueError).where).toContain('compile.test.ts');
    let leaked: Tensor | undefined;
    const leak = compile((x: Tensor) => { leaked = x.exp(); return x; });
    leak(X);
    expect(() => leaked!.add(1)).toThrow(LeakedTracerError);
    expect(() => leaked!.dataSync()).toThrow(LeakedTracerError);
    expect(() => compile((x: Tensor) => Promise.resolve(x))(X)).toThrow(AsyncFunctionError);
    const t = tracing(cpu().backend);
    expect(() => t.readSync!(t.full(1, [2], 'float64'))).toThrow(TracedValueError);
  });
  it('is inlined under a trace', () => {
    const inner = compile((x: Tensor) => x.exp());
    const outer = compile((x: Tensor) => inner(x).add(inner(x)));
    close(outer(X), X.exp().mul(2));
    expect(outer.explain(X).kernels.filter(({ name }) => name === 'exp').length).toBe(1);
  });
  it('explains', () => {
    const f = compile(function affine(x: Tensor) { return matmul(x, x.T).add(1); });
    const e = f.explain(X);
    expect(e.graph.toString()).toContain('matmul');
    expect(e.graph.toDot()).toMatch(/^digraph "affine"/);
    expect(e.flops).toBe(2 * 2 * 2 * 3 + 4);
    expect(e.bytes).toBeGreaterThan(0);
    expect(e.warnings).toEqual([]);
    const long = compile((x: Tensor) => { let y = x; for (let k = 0; k < 2100; k++) y = y.sin(); return y; });
    expect(long.explain(w).warnings.length).toBe(1);
  });
});

describe('Cells', () => {
  it('are read and written at each call', () => {
    const parameter = new Cell(tensor([1, 2, 3])), count = new Cell(tensor(0));
    const f = compile((x: Tensor) => {
      count.write(count.read().add(1));
      return x.mul(parameter.read()).add(count.read());
    });
    close(f(w), w.mul([1, 2, 3]).add(1));
    parameter.write(tensor([0, 1, 0]));
    close(f(w), w.mul([0, 1, 0]).add(2));
    expect(count.peek().item()).toBe(2);
    parameter.write(tensor([[1], [2]])); // another shape: a new trace
    close(f(w), w.mul([[1], [2]]).add(3));
  });
  it('give a fresh draw at each call', () => {
    const rng = new Generator(7), same = new Generator(7);
    const f = compile((x: Tensor) => x.add(rng.normal([3])));
    for (let k = 0; k < 3; k++) close(f(w), w.add(same.normal([3])));
    expect(rng.state).toBe(same.state);
  });
  it('follow the seed', () => {
    const f = compile((x: Tensor) => x.add(defaultRng().uniform([3])));
    setSeed(5);
    const first = f(w), second = f(w);
    setSeed(5);
    close(f(w), first);
    close(f(w), second);
    setSeed(6);
    expect(f(w).toArray()).not.toEqual(first.toArray());
  });
  it('get gradients on the tape, as in eager code', () => {
    for (const wrap of [<F extends object>(f: F) => f, compile as never as <F extends object>(f: F) => F]) {
      const weight = new Cell(tensor([[1, -2], [0.5, 3], [2, 1]])), g = new Cell(zeros([3, 2])), running = new Cell(tensor(0));
      markCell(weight, 'write', g);
      const forward = wrap((x: Tensor) => {
        const y = matmul(x, weight.read()).tanh();
        const mean = y.mean().detach();
        onBackward(y, () => running.write(running.read().mul(0.9).add(mean.mul(0.1))));
        return y;
      });
      const loss = record(() => sum(square(forward(X.mul(0.1)))));
      expect(running.peek().item()).toBe(0);
      backward(loss);
      const y = matmul(X.mul(0.1), weight.peek()).tanh();
      close(g.peek(), matmul(X.mul(0.1).T, y.mul(2).mul(y.square().neg().add(1))));
      expect(running.peek().item()).toBeCloseTo(0.1 * y.mean().item(), 14);
    }
  });
  it('stop gradients where detached', () => {
    const weight = new Cell(tensor([1, 2, 3])), g = new Cell(zeros([3]));
    markCell(weight, 'write', g);
    const f = compile((x: Tensor) => x.mul(weight.read()).mul(weight.read().detach()));
    backward(record(() => sum(f(w))));
    close(g.peek(), w.mul([1, 2, 3]));
  });
});

for (const ctx of [cpu(), wasm()]) describe(`derivatives on ${ctx}`, () => {
  const tensor = (values: NestedArray): Tensor => makeTensor(values, { ctx });
  const w = tensor([0.5, -1, 2]);
  const spd = (a: Tensor): Tensor => matmul(a, a.T).add(eye(a.shape[0]!, { ctx }).mul(3));
  const cube = customGradient({
    forward: (x: Tensor) => [x.mul(x).mul(x), x.mul(x)],
    backward: (g, { kept: [k] }) => [g.mul(k).mul(3)],
  });
  const functions: Record<string, (x: Tensor) => Tensor> = {
    elementwise: (x) => sum(x.exp().div(x.square().add(2)).sin()),
    matmul: (x) => sum(square(matmul(x, x.T))),
    custom: (x) => sum(cube(x).mul(x)),
    density: (x) => {
      const l = cholesky(spd(matmul(x, x.T)));
      return sum(diagonal(l).log()).add(sum(square(triangularSolve(l, x))));
    },
    pieces: (x) => sum(cumsum(concat([x.mul(2), where(x.greater(0.2), x.square(), x)], 0), 0).square()),
  };
  const A = tensor([[0.3, -0.7], [0.9, 0.1]]), V = tensor([[1, 0.5], [-0.3, 0.2]]);
  for (const [name, f] of Object.entries(functions)) {
    it(name, () => {
      const c = compile(f);
      close(c(A), f(A));
      const g = grad(f)(A);
      close(grad(c)(A), g);
      close(compile(grad(f))(A), g);
      close(compile(grad(c))(A), g);
    });
  }
  for (const [name, f] of Object.entries(functions)) {
    it(`${name}, second order`, () => {
      const c = compile(f);
      const want = hvp(f)(A, V);
      close(hvp(c)(A, V), want, 1e-9);
      close(compile(hvp(f))(A, V), want, 1e-9);
      close(grad((x: Tensor) => sum(grad(c)(x).mul(V)))(A), want, 1e-9);
      close(grad((x: Tensor) => sum(compile(grad(c))(x).mul(V)))(A), want, 1e-9);
      const h = hessian(f)(A);
      close(hessian(c)(A), h, 1e-9);
      close(grad((x: Tensor) => sum(grad((y: Tensor) => sum(grad(c)(y).mul(V)))(x).mul(V)))(A), grad((x: Tensor) => sum(grad((y: Tensor) => sum(grad(f)(y).mul(V)))(x).mul(V)))(A), 1e-8);
    });
  }
  it('sees through closures over tracked tensors', () => {
    const f = (make: <F extends object>(f: F) => F) => grad((x: Tensor) => {
      const inner = make((y: Tensor) => x.mul(y).mul(x.detach()).sum());
      return inner(w).add(grad(inner)(w).square().sum());
    });
    close(f(compile as never)(w), f((g) => g)(w));
  });
  it('of several outputs, some unused', () => {
    const two = (x: Tensor): readonly [Tensor, Tensor, Tensor] => [x.exp(), x.mul(2), x.greater(0)];
    const c = compile(two);
    close(grad((x: Tensor) => sum(c(x)[0]))(w), w.exp());
    close(grad((x: Tensor) => sum(c(x)[1]).add(sum(c(x)[0])))(w), w.exp().add(2));
  });
  it('on attached tensors', () => {
    const x = attachGrad(w), c = compile((t: Tensor) => sum(t.square().mul(t)));
    backward(record(() => c(x)));
    close(gradOf(x), w.square().mul(3));
    expect(backendOf(c(w))).toBe(ctx.backend);
  });
});

describe('products of triangles on wasm', () => {
  const ctx = wasm();
  const matrix = (m: number, n: number, seed: number): Tensor => tensor(Float64Array.from({ length: m * n }, (_, k) => Math.sin(1 + k * 1.37 + seed)), { ctx, shape: [m, n] });
  const halves: readonly [string, (x: Tensor) => Tensor][] = [['full', (x) => x], ['lower', (x) => tril(x)], ['upper', (x) => triu(x)], ['lower, transposed', (x) => tril(x.T).T], ['strictly upper', (x) => triu(x, 1)]];
  for (const [left, f] of halves) {
    for (const [right, g] of halves) {
      it.each([[300, 300, 300], [400, 270, 513], [270, 513, 400], [40, 300, 300]])(`${left} × ${right}, %i×%i by ×%i`, (m, k, n) => {
        const a = matrix(m, k, 1), b = matrix(k, n, 2), product = (x: Tensor, y: Tensor): Tensor => matmul(f(x), g(y));
        expect(compile(product)(a, b).sub(product(a, b)).abs().max().item()).toBeLessThan(1e-12);
      });
    }
  }
  it('through the gradient of a factor', () => {
    const a = matrix(280, 280, 3), spd = matmul(a, a.T).add(eye(280, { ctx }).mul(30));
    const f = (x: Tensor): Tensor => sum(square(matmul(cholesky(x), matrix(280, 20, 4))));
    const compiled = compile(grad(f));
    close(compiled(spd), grad(f)(spd), 1e-10);
    expect(compiled.explain(spd).kernels.map(({ name }) => name).filter((name) => name.startsWith('matmul') && /lower|upper/.test(name)).length).toBeGreaterThan(0);
  });
});
