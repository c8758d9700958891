import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { instantiateCore } from '../src/engine.ts';
import { WasmBackend } from '../src/wasm-backend.ts';
import { builds, decodeFloats, sameBits, uniform } from './builds.ts';

interface Table { readonly x: string; readonly y?: string; readonly z: string }
const tables = JSON.parse(readFileSync(new URL('fixtures/accuracy.json', import.meta.url), 'utf8')) as { readonly [op: string]: Table };
const ops = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'softplus', 'sin', 'cos', 'erf', 'lgamma', 'sqrt'] as const;

const bits = new BigInt64Array(1), value = new Float64Array(bits.buffer);
function ordinal(v: number): bigint {
  value[0] = v;
  return bits[0]! < 0n ? -(bits[0]! & 0x7fffffffffffffffn) : bits[0]!;
}
/** Units in the last place between two numbers; 0 for equal signs of zero and for NaN beside NaN only. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b) || a === b) return Infinity;
  const d = ordinal(a) - ordinal(b);
  return Number(d < 0n ? -d : d);
}
function worst(x: Float64Array, got: ArrayLike<number>, wanted: Float64Array, tolerance: number): string[] {
  const failures: string[] = [];
  wanted.forEach((z, k) => {
    if (ulps(got[k]!, z) > tolerance) failures.push(`f(${x[k]}) = ${got[k]}, not ${z}`);
  });
  return failures;
}

describe.each(builds)('the %s build', (build) => {
  const memory = new WebAssembly.Memory({ initial: 8 }), kernels = instantiateCore(memory, build);

  it.each(ops)('%s is within 2 ulp of the correctly rounded value', (op) => {
    const x = decodeFloats(tables[op]!.x), z = decodeFloats(tables[op]!.z);
    expect(x.length).toBeGreaterThan(400);
    new Float64Array(memory.buffer, 1024, x.length).set(x);
    kernels[op](x.length, 1024, 1024 + 8 * x.length);
    const y = new Float64Array(memory.buffer, 1024 + 8 * x.length, x.length);
    expect(worst(x, y, z, op === 'sqrt' ? 0 : 2)).toEqual([]);
  });

  it('the lane functions and the loops treat an odd last element as any other', () => {
    for (const op of ops) {
      const x = decodeFloats(tables[op]!.x).slice(0, 33), all = new Float64Array(memory.buffer, 1024, 33), one = new Float64Array(memory.buffer, 8192, 2);
      all.set(x);
      kernels[op](33, 1024, 1024);
      x.forEach((v, k) => {
        one[0] = v;
        one[1] = 42;
        kernels[op](1, 8192, 8192);
        expect([op, v, one[0], one[1]]).toEqual([op, v, all[k], 42]);
      });
    }
  });

  it('blocks in the range of a short path get the bits that single elements get', () => {
    for (const op of ops) {
      for (const scale of [0.7, 30, 1e4]) {
        const x = uniform(601, 7).map((v) => (op.startsWith('log') || op === 'lgamma' || op === 'sqrt' ? Math.abs(v) + 1e-3 : v) * (op.startsWith('exp') ? Math.min(scale, 700) : scale));
        const many = new Float64Array(memory.buffer, 1024, 601), one = new Float64Array(memory.buffer, 8192, 1);
        many.set(x);
        kernels[op](601, 1024, 1024);
        x.forEach((v, k) => {
          one[0] = v;
          kernels[op](1, 8192, 8192);
          if (!Object.is(one[0], many[k])) expect([op, v, many[k]]).toEqual([op, v, one[0]]);
        });
      }
    }
  });

  it('lgamma of negative numbers is within 4e-16 of the larger of 1 and the value', () => {
    const x = decodeFloats(tables.lgammaNegative!.x), z = decodeFloats(tables.lgammaNegative!.z);
    new Float64Array(memory.buffer, 1024, x.length).set(x);
    kernels.lgamma(x.length, 1024, 1024);
    const y = new Float64Array(memory.buffer, 1024, x.length);
    for (let k = 0; k < x.length; k++) expect(Math.abs(y[k]! - z[k]!) / Math.max(1, Math.abs(z[k]!)), `lgamma(${x[k]})`).toBeLessThan(6e-16);
  });

  it('pow is within 2 ulp of the correctly rounded value', () => {
    const x = decodeFloats(tables.pow!.x), y = decodeFloats(tables.pow!.y!), z = decodeFloats(tables.pow!.z), n = x.length;
    new Float64Array(memory.buffer, 1024, n).set(x);
    new Float64Array(memory.buffer, 1024 + 8 * n, n).set(y);
    kernels.pow(n, 1024, 1024 + 8 * n, 1024 + 16 * n);
    const got = new Float64Array(memory.buffer, 1024 + 16 * n, n);
    expect(worst(x, got, z, 2).map((text, k) => `${text} (${y[k]})`)).toEqual([]);
  });

  it('the backend computes the same, in chunks and of views', () => {
    const backend = new WasmBackend({ build }), n = 20011;
    const x = Float64Array.from({ length: n }, (_, k) => Math.sin(k) * 5);
    const dense = backend.upload(x, [n], 'float64'), reversed = backend.slice(dense, [{ start: n - 1, stop: -1, step: -1 }]);
    const y = backend.readSync(backend.unary('exp', dense)), z = backend.readSync(backend.unary('exp', reversed));
    for (let k = 0; k < n; k++) {
      expect(ulps(y[k]!, Math.exp(x[k]!))).toBeLessThanOrEqual(2);
      expect(z[n - 1 - k]).toBe(y[k]);
    }
    const p = backend.readSync(backend.binary('pow', backend.unary('abs', dense), reversed));
    for (let k = 0; k < n; k++) expect(ulps(p[k]!, Math.abs(x[k]!) ** x[n - 1 - k]!)).toBeLessThanOrEqual(2);
  });

  it('float32 is the float64 result rounded', () => {
    const backend = new WasmBackend({ build }), n = 9001;
    const x = Float32Array.from({ length: n }, (_, k) => Math.sin(k) * 20 + 21);
    const single = backend.upload(x, [n], 'float32'), double = backend.upload(Float64Array.from(x), [n], 'float64');
    for (const op of ops) {
      const a = backend.readSync(backend.unary(op, single)), b = backend.readSync(backend.unary(op, double));
      expect(a).toBeInstanceOf(Float32Array);
      expect(sameBits(a, Float32Array.from(b)), op).toBe(true);
    }
    const a = backend.readSync(backend.binary('pow', single, single)), b = backend.readSync(backend.binary('pow', double, double));
    expect(a).toEqual(Float32Array.from(b));
  });
});
