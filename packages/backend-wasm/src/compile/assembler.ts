// The WebAssembly binary format, as far as kernels need it (core specification 3.0, section 5).

/** Bytes that grow. */
export class Bytes {
  #data = new Uint8Array(512);
  #length = 0;
  get length(): number {
    return this.#length;
  }
  get bytes(): Uint8Array {
    return this.#data.subarray(0, this.#length);
  }
  #room(n: number): void {
    if (this.#length + n <= this.#data.length) return;
    const grown = new Uint8Array(2 * (this.#length + n));
    grown.set(this.bytes);
    this.#data = grown;
  }
  byte(...values: readonly number[]): this {
    this.#room(values.length);
    for (const v of values) this.#data[this.#length++] = v;
    return this;
  }
  /** LEB128, unsigned. */
  unsigned(value: number): this {
    this.#room(5);
    let n = value;
    do {
      const low = n & 127;
      n >>>= 7;
      this.#data[this.#length++] = n ? low | 128 : low;
    } while (n);
    return this;
  }
  /** LEB128, signed 32 bits. */
  signed(value: number): this {
    this.#room(5);
    for (let n = value; ;) {
      const low = n & 127;
      n >>= 7;
      const done = (n === 0 && !(low & 64)) || (n === -1 && low & 64);
      this.#data[this.#length++] = done ? low : low | 128;
      if (done) return this;
    }
  }
  raw(values: Uint8Array): this {
    this.#room(values.length);
    this.#data.set(values, this.#length);
    this.#length += values.length;
    return this;
  }
  float64(value: number): this {
    return this.raw(new Uint8Array(Float64Array.of(value).buffer));
  }
  name(text: string): this {
    return this.unsigned(text.length).byte(...Array.from(text, (c) => c.charCodeAt(0)));
  }
  /** Length, then the bytes. */
  sized(other: Bytes): this {
    return this.unsigned(other.length).raw(other.bytes);
  }
}

/** Value types. */
export const wasmTypes = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
export type WasmType = keyof typeof wasmTypes;

/** Opcodes of vector instructions, after the prefix 0xfd. */
export const vector = {
  load: 0x00, load8Splat: 0x07, load16Splat: 0x08, load32Splat: 0x09, load64Splat: 0x0a, store: 0x0b, constant: 0x0c, shuffle: 0x0d, splat: 0x14,
  load64Zero: 0x5d, load8Lane: 0x54, load32Lane: 0x56, load64Lane: 0x57, store8Lane: 0x58, store32Lane: 0x5a, store64Lane: 0x5b,
  eq: 0x47, ne: 0x48, lt: 0x49, gt: 0x4a, le: 0x4b, ge: 0x4c, not: 0x4d, and: 0x4e, or: 0x50, xor: 0x51, select: 0x52,
  demote: 0x5e, promote: 0x5f, toInt32: 0xfc, fromInt32: 0xfe, ceil: 0x74, floor: 0x75, trunc: 0x7a, nearest: 0x94,
  abs: 0xec, neg: 0xed, sqrt: 0xef, add: 0xf0, sub: 0xf1, mul: 0xf2, div: 0xf3, min: 0xf4, max: 0xf5,
  widen8: 0x89, widen16: 0xa9, widen32: 0xc9, negate64: 0xc1, bitmask64: 0xc4, shiftLeft64: 0xcb, add64: 0xce, extract32: 0x1b, relaxedMadd: 0x107, relaxedNmadd: 0x108,
} as const;
export type VectorOp = keyof typeof vector;

/**
 * The vector constants of a module, as mutable globals: V8 rebuilds a v128.const from two 64-bit immediates wherever it is used, also in
 * loops, while a global is one load: kernels with exp take 0.7 of the time on Node 24. V8 of Node 20 does better with constants in place
 * (0.85), so `hoist` is for the engines that have relaxed SIMD.
 */
export class Constants {
  readonly hoist: boolean;
  constructor(hoist: boolean) {
    this.hoist = hoist;
  }
  readonly #indices = new Map<string, number>();
  readonly #values: (readonly number[])[] = [];
  /** The global that holds 16 bytes. */
  indexOf(bytes: readonly number[]): number {
    const key = bytes.join();
    let index = this.#indices.get(key);
    if (index === undefined) {
      this.#indices.set(key, (index = this.#values.length));
      this.#values.push(bytes);
    }
    return index;
  }
  section(): Bytes {
    const out = new Bytes().unsigned(this.#values.length);
    for (const bytes of this.#values) out.byte(wasmTypes.v128, 1, 0xfd).unsigned(vector.constant).byte(...bytes, 0x0b);
    return out;
  }
}

/** A function body. Locals 0, 1 and 2 are the parameters, i32: the argument block, the first step of the outermost loop, and the step it ends before. */
export class FunctionBody extends Bytes {
  readonly locals: WasmType[] = [];
  readonly #constants: Constants;
  constructor(constants: Constants) {
    super();
    this.#constants = constants;
  }
  local(type: WasmType): number {
    return this.locals.push(type) + 2;
  }
  get(local: number): this {
    return this.byte(0x20).unsigned(local);
  }
  set(local: number): this {
    return this.byte(0x21).unsigned(local);
  }
  i32(value: number): this {
    return this.byte(0x41).signed(value);
  }
  addI32(): this {
    return this.byte(0x6a);
  }
  mulI32(): this {
    return this.byte(0x6c);
  }
  shlI32(): this {
    return this.byte(0x74);
  }
  lessI32(): this {
    return this.byte(0x48);
  }
  equalI32(): this {
    return this.byte(0x46);
  }
  unequalI32(): this {
    return this.byte(0x47);
  }
  loadI32(offset: number): this {
    return this.byte(0x28).unsigned(2).unsigned(offset);
  }
  call(index: number): this {
    return this.byte(0x10).unsigned(index);
  }
  op(name: VectorOp): this {
    return this.byte(0xfd).unsigned(vector[name]);
  }
  /** A load or store with its offset; nothing is assumed about alignment beyond bytes. */
  memory(name: VectorOp, offset: number): this {
    return this.op(name).unsigned(0).unsigned(offset);
  }
  lane(name: VectorOp, lane: number, offset: number): this {
    return this.memory(name, offset).byte(lane);
  }
  splatConstant(value: number): this {
    const bytes = new Uint8Array(Float64Array.of(value, value).buffer);
    return this.bits(Array.from(bytes));
  }
  bits(bytes: readonly number[]): this {
    // All zeros or all ones are one instruction.
    if (!this.#constants.hoist || (bytes.every((b) => b === bytes[0]) && (bytes[0] === 0 || bytes[0] === 255))) return this.op('constant').byte(...bytes);
    return this.byte(0x23).unsigned(this.#constants.indexOf(bytes));
  }
  /** while (condition) body */
  loop(condition: () => void, body: () => void): void {
    this.byte(0x02, 0x40, 0x03, 0x40);
    condition();
    this.byte(0x45, 0x0d, 1);
    body();
    this.byte(0x0c, 0, 0x0b, 0x0b);
  }
  if(condition: () => void, body: () => void, otherwise?: () => void): void {
    condition();
    this.byte(0x04, 0x40);
    body();
    if (otherwise) {
      this.byte(0x05);
      otherwise();
    }
    this.byte(0x0b);
  }
}

/** A function that a module imports: of `arity` vectors, returning one. */
export interface VectorImport {
  readonly name: string;
  readonly arity: 1 | 2;
}

/** A module of functions (i32, i32, i32) → (), exported as k0, k1, …, that imports `env.memory` and vector functions. */
export function assemble(functions: readonly FunctionBody[], imports: readonly VectorImport[], constants: Constants): Uint8Array<ArrayBuffer> {
  const { i32, v128 } = wasmTypes;
  const out = new Bytes().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, body: Bytes): Bytes => out.byte(id).sized(body);
  section(1, new Bytes().unsigned(3).byte(0x60, 3, i32, i32, i32, 0).byte(0x60, 1, v128, 1, v128).byte(0x60, 2, v128, v128, 1, v128));
  const imported = new Bytes().unsigned(1 + imports.length).name('env').name('memory').byte(2, 0).unsigned(1);
  for (const { name, arity } of imports) imported.name('env').name(name).byte(0).unsigned(arity);
  section(2, imported);
  const declared = new Bytes().unsigned(functions.length);
  for (let k = 0; k < functions.length; k++) declared.unsigned(0);
  section(3, declared);
  section(6, constants.section());
  const exported = new Bytes().unsigned(functions.length);
  functions.forEach((_, k) => exported.name(`k${k}`).byte(0).unsigned(k + imports.length));
  section(7, exported);
  const code = new Bytes().unsigned(functions.length);
  for (const f of functions) {
    const body = new Bytes();
    const runs: { type: WasmType; count: number }[] = [];
    for (const type of f.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    body.unsigned(runs.length);
    for (const { type, count } of runs) body.unsigned(count).byte(wasmTypes[type]);
    code.sized(body.raw(f.bytes).byte(0x0b));
  }
  section(10, code);
  return out.bytes.slice();
}
