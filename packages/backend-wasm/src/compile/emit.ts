import type { DType, KernelAddress, KernelInstruction, KernelOp, KernelSink, PlanKernel } from '@matheron/core-tensor';
import { type Constants, FunctionBody, type VectorImport, type VectorOp } from './assembler.ts';
import type { Build } from '../engine.ts';
import { powersOfTwo } from '../generated/core.ts';

/** Kernel operations that are one instruction. */
const direct: { readonly [K in KernelOp]?: VectorOp } = {
  add: 'add', sub: 'sub', mul: 'mul', div: 'div', max: 'max', min: 'min', neg: 'neg', abs: 'abs', sqrt: 'sqrt', floor: 'floor', ceil: 'ceil', trunc: 'trunc', nearest: 'nearest',
  eq: 'eq', ne: 'ne', lt: 'lt', le: 'le', gt: 'gt', ge: 'ge', and: 'and', or: 'or', xor: 'xor', not: 'not',
};
/** Those that are calls of the core module. */
const called: { readonly [K in KernelOp]?: VectorImport } = {
  exp: { name: 'expLanes', arity: 1 }, expm1: { name: 'expm1Lanes', arity: 1 }, log: { name: 'logLanes', arity: 1 }, log1p: { name: 'log1pLanes', arity: 1 },
  sin: { name: 'sinLanes', arity: 1 }, cos: { name: 'cosLanes', arity: 1 }, tanh: { name: 'tanhLanes', arity: 1 }, sigmoid: { name: 'sigmoidLanes', arity: 1 },
  softplus: { name: 'softplusLanes', arity: 1 }, erf: { name: 'erfLanes', arity: 1 }, lgamma: { name: 'lgammaLanes', arity: 1 }, pow: { name: 'powLanes', arity: 2 },
};
type Reduce = NonNullable<KernelSink['reduce']>;
const combine: { readonly [K in Reduce]: VectorOp } = { sum: 'add', prod: 'mul', max: 'max', min: 'min', any: 'or', all: 'and' };
const neutral: { readonly [K in Reduce]: number } = { sum: 0, prod: 1, max: -Infinity, min: Infinity, any: 0, all: 1 };
const ones: readonly number[] = new Array<number>(16).fill(255);
const zeros: readonly number[] = new Array<number>(16).fill(0);
const firstLane: readonly number[] = [...ones.slice(8), ...zeros.slice(8)];
const swapped: readonly number[] = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
/** 8·63 as int64. */
const tableMask: readonly number[] = [0xf8, 1, 0, 0, 0, 0, 0, 0, 0xf8, 1, 0, 0, 0, 0, 0, 0];
const zeroOne: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];

/** The vector functions that kernels call, in order; a module imports all of them. */
export function importsOf(kernels: readonly PlanKernel[]): VectorImport[] {
  const found = new Map<string, VectorImport>();
  for (const { instructions } of kernels) {
    for (const { op } of instructions) {
      const f = called[op as KernelOp];
      if (f) found.set(f.name, f);
    }
  }
  return [...found.values()];
}

/** The code of a kernel: a `KernelFunction`. */
export function emitKernel(kernel: PlanKernel, imports: readonly VectorImport[], constants: Constants, build: Build): FunctionBody {
  return new Emitter(kernel, imports, constants, build).emit();
}

class Emitter {
  readonly #f: FunctionBody;
  readonly #kernel: PlanKernel;
  readonly #imports: ReadonlyMap<string, number>;
  readonly #fused: boolean;
  readonly #rank: number;
  readonly #sections: (readonly [instruction: KernelInstruction, position: number])[][];
  readonly #locals: number[];
  readonly #counters: number[];
  readonly #accumulators: { main: number; diagonal: number }[];
  readonly #scratch: number;

  constructor(kernel: PlanKernel, imports: readonly VectorImport[], constants: Constants, build: Build) {
    this.#f = new FunctionBody(constants);
    this.#kernel = kernel;
    this.#imports = new Map(imports.map(({ name }, k) => [name, k]));
    this.#fused = build === 'relaxed';
    this.#rank = kernel.extents.length;
    this.#sections = Array.from({ length: this.#rank + 1 }, () => []);
    kernel.instructions.forEach((x, k) => this.#sections[x.depth]!.push([x, k]));
    const f = this.#f;
    this.#counters = kernel.extents.map(() => f.local('i32'));
    const addresses = kernel.instructions.map((x) => (x.type === 'address' ? f.local('i32') : 0));
    this.#locals = kernel.instructions.map((x, k) => (x.type === 'address' ? addresses[k]! : f.local('v128')));
    this.#accumulators = kernel.sinks.map((s) => (s.reduce && s.outer < this.#rank ? { main: f.local('v128'), diagonal: s.diagonal ? f.local('v128') : 0 } : { main: 0, diagonal: 0 }));
    this.#scratch = f.local('v128');
  }

  emit(): FunctionBody {
    this.#level(0, false);
    return this.#f;
  }

  #get(instruction: number): FunctionBody {
    return this.#f.get(this.#locals[instruction]!);
  }

  // ---- instructions

  #instruction(x: KernelInstruction, position: number, tail: boolean): void {
    const f = this.#f, [a, b, c] = x.operands as readonly [number, number, number];
    switch (x.op) {
      case 'argument':
        f.get(0);
        if (x.type === 'address') f.loadI32(8 * x.data);
        else f.memory('load64Splat', 8 * x.data);
        break;
      case 'offset':
        this.#get(a);
        if (x.data < 0) f.i32(-1 - x.data);
        else f.get(this.#counters[x.data]!);
        if (b === undefined) f.i32(x.shift).shlI32();
        else this.#get(b).mulI32();
        f.addI32();
        break;
      case 'load': this.#load(x, tail); break;
      case 'splat': this.#load(x, true); break;
      case 'gather':
        if (tail) this.#load(x, true);
        else this.#gather(x);
        break;
      case 'constant': f.splatConstant(x.data); break;
      case 'mask': f.bits(x.data ? ones : zeros); break;
      case 'index':
        f.get(this.#counters[x.data]!).byte(0xb7).op('splat');
        if (x.data === this.#kernel.vector && !tail) f.bits(zeroOne).op('add');
        break;
      case 'select': this.#get(b); this.#get(c); this.#get(a).op('select'); break;
      case 'number': this.#get(a); f.splatConstant(1).op('and'); break;
      case 'round32': this.#get(a).op('demote').op('promote'); break;
      case 'wrap32':
        this.#get(a);
        this.#wrap(() => this.#get(a));
        break;
      case 'madd':
        this.#get(a);
        this.#get(b);
        this.#addProduct(() => this.#get(c));
        break;
      default: {
        // In the innermost loop in place; elsewhere a call is as good, and less code.
        if (x.op === 'exp' && x.depth === this.#rank) {
          this.#exp(a, position);
          return;
        }
        for (const operand of x.operands) this.#get(operand);
        const op = direct[x.op];
        if (op) f.op(op);
        else f.call(this.#imports.get(called[x.op]!.name)!);
      }
    }
    f.set(this.#locals[position]!);
  }
  /** On the stack: two factors. Leaves their product plus what `term` puts there. */
  #addProduct(term: () => void): void {
    if (!this.#fused) this.#f.op('mul');
    term();
    this.#f.op(this.#fused ? 'relaxedMadd' : 'add');
  }
  /** On the stack: x. Leaves x − 2^32 ⌊(x + 2^31) / 2^32⌋; `again` puts x there once more. */
  #wrap(again: () => void): void {
    const f = this.#f;
    again();
    f.splatConstant(2147483648).op('add').splatConstant(2 ** -32).op('mul').op('floor').splatConstant(4294967296).op('mul').op('sub');
  }
  /** Adjacent lanes, or with `single` one value in both. */
  #load({ operands: [base], data, dtype }: KernelInstruction, single: boolean): void {
    const f = this.#get(base!);
    switch (dtype) {
      case 'float64': f.memory(single ? 'load64Splat' : 'load', data); break;
      case 'float32': f.memory(single ? 'load32Splat' : 'load64Zero', data).op('promote'); break;
      case 'int32': f.memory(single ? 'load32Splat' : 'load64Zero', data).op('fromInt32'); break;
      default: f.memory(single ? 'load8Splat' : 'load16Splat', data).op('widen8').op('widen16').op('widen32').op('negate64');
    }
  }
  #gather({ operands: [base, stride], data, dtype }: KernelInstruction): void {
    const f = this.#f;
    const [splat, lane] = dtype === 'float64' ? (['load64Splat', 'load64Lane'] as const) : dtype === 'bool' ? (['load8Splat', 'load8Lane'] as const) : (['load32Splat', 'load32Lane'] as const);
    this.#get(base!);
    this.#get(stride!).addI32();
    this.#get(base!).memory(splat, data).lane(lane, 1, data);
    if (dtype === 'float32') f.op('promote');
    else if (dtype === 'int32') f.op('fromInt32');
    else if (dtype === 'bool') f.op('widen8').op('widen16').op('widen32').op('negate64');
  }
  /** a·b + c, a put on the stack by the caller. */
  #madd(a: () => void, b: number, c: number): void {
    a();
    this.#f.splatConstant(b);
    if (this.#fused) this.#f.splatConstant(c).op('relaxedMadd');
    else this.#f.op('mul').splatConstant(c).op('add');
  }
  /** c − a·b, c and a put on the stack by the caller. */
  #minusProduct(c: () => void, a: () => void, b: number): void {
    const f = this.#f;
    if (!this.#fused) c();
    a();
    f.splatConstant(b);
    if (!this.#fused) f.op('mul').op('sub');
    else {
      c();
      f.op('relaxedNmadd');
    }
  }
  /**
   * eˣ: for |x| < 708 as the core module does it (assembly/exponential.ts), from its table of powers; elsewhere a call of it. Where a lane is
   * far below, as kernels of short lengthscales have it most of the time, it is 0 without a call.
   */
  #exp(x: number, position: number): void {
    const f = this.#f, result = this.#locals[position]!;
    const [t, k, r, s, p] = [0, 1, 2, 3, 4].map(() => f.local('v128')) as [number, number, number, number, number];
    // t: x·64/log 2 rounded to a whole number k, in the last bits of its sum with 1.5·2^52.
    const magic = 6755399441055744;
    this.#madd(() => this.#get(x), 92.332482616893656, magic);
    f.set(t);
    f.get(t).splatConstant(magic).op('sub').set(k);
    // s = 2^(k/64)
    f.get(t).i32(3).op('shiftLeft64').bits(tableMask).op('and').set(s);
    f.get(s).op('extract32').byte(2);
    f.get(s).op('extract32').byte(0).memory('load64Zero', powersOfTwo).lane('load64Lane', 1, powersOfTwo);
    f.get(t).i32(46).op('shiftLeft64').op('add64').set(s);
    // r = x − k·log 2/64
    this.#minusProduct(() => this.#get(x), () => f.get(k), 0.6931471803691238 / 64);
    f.set(r);
    this.#minusProduct(() => f.get(r), () => f.get(k), 1.9082149292705877e-10 / 64);
    f.set(r);
    // s + s·(r + r²·expNear(r))
    const line = (a: number, b: number): void => this.#madd(() => f.get(r), a, b);
    f.get(r).get(r).op('mul').set(t);
    line(0.008333339151693497, 0.04166670739519196);
    f.set(p);
    f.get(p).get(t);
    this.#addProduct(() => line(0.16666666666664534, 0.49999999999985073));
    f.get(t);
    this.#addProduct(() => f.get(r));
    f.get(s);
    this.#addProduct(() => f.get(s));
    f.set(result);
    const usual = (): FunctionBody => {
      this.#get(x);
      return f.op('abs').splatConstant(708).op('lt');
    };
    // An if without else: V8 of Node 24 makes the loop a seventh slower with the branches exchanged.
    f.if(
      () => usual().op('bitmask64').i32(3).unequalI32(),
      () => f.if(
        () => {
          usual();
          this.#get(x).splatConstant(-746).op('lt').op('or').op('bitmask64').i32(3).equalI32();
        },
        () => { f.get(result); usual().op('and').set(result); },
        () => {
          f.get(result);
          this.#get(x).call(this.#imports.get('expLanes')!);
          usual().op('select').set(result);
        },
      ),
    );
  }

  // ---- loops

  #level(depth: number, tail: boolean): void {
    const f = this.#f, { sinks, triangular, vector } = this.#kernel, rank = this.#rank;
    for (const [x, position] of this.#sections[depth]!) this.#instruction(x, position, tail);
    sinks.forEach((s, k) => {
      const { main, diagonal } = this.#accumulators[k]!;
      if (s.reduce && s.outer === depth && depth < rank) {
        this.#neutral(s.reduce).set(main);
        if (diagonal) this.#neutral(s.reduce).set(diagonal);
      }
      if (triangular && depth === 1 && s.diagonal) {
        const { value, target } = s.diagonal;
        if (!s.reduce) this.#store(target, () => this.#get(value), true);
        else f.get(diagonal).get(this.#locals[value]!).op(combine[s.reduce]).set(diagonal);
      }
      if (depth !== rank) return;
      if (!s.reduce) this.#store(s.target, () => this.#get(s.value), tail);
      else if (s.outer === rank) this.#store(s.target, () => this.#rounded(s, () => this.#get(s.value)), tail);
      else {
        const zero = this.#kernel.instructions[s.value]!;
        if (s.reduce === 'sum' && zero.op === 'constant' && zero.data === 0) return;
        const masked = tail && s.acrossLanes && (s.reduce === 'sum' || s.reduce === 'prod');
        if (s.times >= 0 && !masked) {
          this.#get(s.value);
          this.#get(s.times);
          this.#addProduct(() => f.get(main));
          f.set(main);
          return;
        }
        f.get(main);
        this.#get(s.value);
        if (s.times >= 0) this.#get(s.times).op('mul');
        if (masked) this.#neutral(s.reduce).bits(firstLane).op('select');
        f.op(combine[s.reduce]).set(main);
      }
    });
    if (depth === rank) return;
    const counter = this.#counters[depth]!;
    const bound = (): void => {
      if (depth === 0) f.get(2);
      else if (triangular && depth === 1) f.get(this.#counters[0]!);
      else this.#get(this.#kernel.extents[depth]!);
    };
    const step = (by: number): void => void f.get(counter).i32(by).addI32().set(counter);
    if (depth === 0) f.get(1).set(counter);
    else f.i32(0).set(counter);
    if (depth === vector) {
      f.loop(() => { f.get(counter).i32(1).addI32(); bound(); f.lessI32(); }, () => { this.#level(depth + 1, tail); step(2); });
      f.if(() => { f.get(counter); bound(); f.lessI32(); }, () => this.#level(depth + 1, true));
    } else f.loop(() => { f.get(counter); bound(); f.lessI32(); }, () => { this.#level(depth + 1, tail); step(1); });
    sinks.forEach((s, k) => {
      if (!s.reduce || s.outer !== depth) return;
      this.#store(s.target, () => this.#rounded(s, () => this.#total(s, k)), tail || s.acrossLanes);
    });
  }
  #neutral(reduce: Reduce): FunctionBody {
    if (reduce === 'any' || reduce === 'all') return this.#f.bits(reduce === 'all' ? ones : zeros);
    return this.#f.splatConstant(neutral[reduce]);
  }
  /** The combined value, on the stack, in both lanes where lanes are combined. */
  #total(s: KernelSink, k: number): void {
    const f = this.#f, { main, diagonal } = this.#accumulators[k]!;
    f.get(main);
    if (!s.acrossLanes) return;
    f.get(main).get(main).op('shuffle').byte(...swapped).op(combine[s.reduce!]);
    // Each strict half counts twice.
    if (s.diagonal) f.splatConstant(2).op('mul').get(diagonal).op('add');
  }
  #rounded(s: KernelSink, value: () => void): void {
    const f = this.#f;
    value();
    if (s.round === 'round32') f.op('demote').op('promote');
    else if (s.round === 'wrap32') {
      f.set(this.#scratch).get(this.#scratch);
      this.#wrap(() => f.get(this.#scratch));
    }
  }

  // ---- stores

  #store(target: KernelAddress, value: () => void, single: boolean): void {
    const f = this.#f, { base, data, stride, dtype } = target;
    const lanes = single ? 'one' : target.lanes;
    value();
    this.#narrow(dtype);
    if (lanes === 'adjacent' && dtype === 'float64') {
      f.set(this.#scratch);
      this.#get(base).get(this.#scratch).memory('store', data);
      return;
    }
    f.set(this.#scratch);
    const put = (op: VectorOp, lane: number, offset: number): void => void this.#get(base).get(this.#scratch).lane(op, lane, offset);
    const op: VectorOp = dtype === 'float64' ? 'store64Lane' : dtype === 'bool' ? 'store8Lane' : 'store32Lane';
    if (lanes === 'adjacent' && dtype !== 'bool') {
      put('store64Lane', 0, data);
      return;
    }
    put(op, 0, data);
    const second = dtype === 'bool' ? 8 : 1;
    if (lanes === 'adjacent') put(op, second, data + 1);
    else if (lanes === 'apart') {
      this.#get(base);
      this.#get(stride).addI32().get(this.#scratch).lane(op, second, data);
    }
  }
  /** Lanes as they lie in memory. */
  #narrow(dtype: DType): void {
    const f = this.#f;
    if (dtype === 'float32') f.op('demote');
    else if (dtype === 'int32') f.op('toInt32');
    else if (dtype === 'bool') f.bits(new Array<number>(16).fill(1)).op('and');
  }
}
