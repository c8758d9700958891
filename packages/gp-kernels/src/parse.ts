import { nearestName } from '@matheron/core-tensor';
import { ConstantKernel, WhiteKernel } from './constant.ts';
import { LinearKernel, PolynomialKernel } from './dot-product.ts';
import { KernelSyntaxError } from './errors.ts';
import type { HyperparameterOptions, Setting } from './hyperparameter.ts';
import { type Kernel, ProductKernel, ScaleKernel, SumKernel } from './kernel.ts';
import { Periodic } from './periodic.ts';
import { Matern12, Matern32, Matern52, RBF, RationalQuadratic } from './stationary.ts';

type Value = number | number[] | boolean | HyperparameterOptions;
type Arguments = Record<string, Value>;
interface Entry { readonly names: readonly string[]; readonly settings: readonly string[]; build(a: Record<string, never>): Kernel }

const stationary = ['lengthscale', 'ard'];
const entries: readonly Entry[] = [
  { names: ['rbf', 'se', 'squaredexponential'], settings: stationary, build: (a) => new RBF(a) },
  { names: ['matern12', 'exponential'], settings: stationary, build: (a) => new Matern12(a) },
  { names: ['matern32'], settings: stationary, build: (a) => new Matern32(a) },
  { names: ['matern52', 'matern'], settings: stationary, build: (a) => new Matern52(a) },
  { names: ['periodic'], settings: [...stationary, 'period'], build: (a) => new Periodic(a) },
  { names: ['rq', 'rationalquadratic'], settings: [...stationary, 'alpha'], build: (a) => new RationalQuadratic(a) },
  { names: ['linear'], settings: ['variance'], build: (a) => new LinearKernel(a) },
  { names: ['polynomial', 'poly'], settings: ['degree', 'offset'], build: (a) => new PolynomialKernel(a) },
  { names: ['constant', 'const', 'bias'], settings: ['value'], build: (a) => new ConstantKernel(a) },
  { names: ['white', 'noise'], settings: ['noise_variance'], build: ({ noise_variance, ...a }) => new WhiteKernel(noise_variance === undefined ? a : { noiseVariance: noise_variance }) },
];

/** The kernel names that `parseKernel` knows, aliases left out. */
export const kernelNames: readonly string[] = [...entries.map((e) => e.names[0]!), 'scale'];
const everyName: readonly string[] = [...entries.flatMap((e) => e.names), 'scale'];

/**
 * Reads a kernel expression: names with settings, `+`, `*`, parentheses, `scale(…)`, numbers as outputscales, and the columns a part sees in
 * brackets: `"2 * scale(rbf(ard=true)) * periodic(period=fixed(1)) + rq[0, 2] + white(noise_variance=0.1)"`. `fixed(v)` freezes a value, `v in [a, b]`
 * bounds it. KernelSyntaxError with position, what was expected, and the nearest name.
 *
 *     sum     = product { '+' product }          product = factor { '*' factor }
 *     factor  = ( number | '(' sum ')' | name [ '(' … ')' ] ) [ '[' column { ',' column } ']' ]
 *     setting = name '=' ( number [ 'in' '[' number ',' number ']' ] | 'fixed' '(' number ')' | list | 'true' | 'false' )
 */
export function parseKernel(expression: string): Kernel {
  return new Parser(expression).parse();
}

interface Token { readonly kind: 'name' | 'number' | 'symbol' | 'end'; readonly text: string; readonly at: number }

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Kernel {
    const kernel = this.#sum();
    const end = this.#peek();
    if (end.kind !== 'end') this.#fail(end, "'+', '*' or the end");
    return kernel;
  }
  #sum(): Kernel {
    const terms = [this.#product()];
    while (this.#take('+')) terms.push(this.#product());
    return terms.length === 1 ? terms[0]! : new SumKernel(...terms);
  }
  #product(): Kernel {
    let scale: number | undefined;
    const factors: Kernel[] = [];
    do {
      const token = this.#peek();
      if (token.kind === 'number') {
        const value = this.#number();
        if (!(value > 0)) this.#fail(token, 'a positive outputscale', `${token.text} is not positive`);
        scale = (scale ?? 1) * value;
      } else {
        factors.push(this.#factor());
      }
    } while (this.#take('*'));
    if (factors.length === 0) return new ConstantKernel({ value: scale! });
    const kernel = factors.length === 1 ? factors[0]! : new ProductKernel(...factors);
    return scale === undefined ? kernel : new ScaleKernel(kernel, scale);
  }
  #factor(): Kernel {
    const token = this.#peek();
    let kernel: Kernel;
    if (this.#take('(')) {
      kernel = this.#sum();
      this.#expect(')');
    } else if (token.kind === 'name') {
      kernel = this.#named();
    } else {
      this.#fail(token, 'a kernel, a number or \'(\'');
    }
    return this.#peek().text === '[' ? kernel.on(...this.#columns()) : kernel;
  }
  #named(): Kernel {
    const token = this.#advance();
    const name = token.text.toLowerCase();
    if (name === 'scale') return this.#scale();
    const entry = entries.find((e) => e.names.includes(name));
    if (!entry) {
      throw new KernelSyntaxError(this.#source, token.at, `unknown kernel '${token.text}'`, { expected: `one of ${kernelNames.join(', ')}`, suggestion: nearestName(name, everyName) });
    }
    const args = this.#take('(') ? this.#settings(entry.settings) : {};
    return this.#built(token, () => entry.build(args as Record<string, never>));
  }
  #scale(): Kernel {
    this.#expect('(', 'scale');
    const inner = this.#sum();
    const args = this.#take(',') ? this.#settings(['outputscale']) : (this.#expect(')'), {} as Arguments);
    return new ScaleKernel(inner, args['outputscale'] as Setting | undefined);
  }
  #settings(known: readonly string[]): Arguments {
    const args: Arguments = {};
    if (this.#take(')')) return args;
    do {
      const key = this.#advance();
      if (key.kind !== 'name') this.#fail(key, `a setting: ${known.join(', ')}`);
      if (!known.includes(key.text)) {
        throw new KernelSyntaxError(this.#source, key.at, `unknown setting '${key.text}'`, { expected: `one of ${known.join(', ')}`, suggestion: nearestName(key.text, known) });
      }
      if (key.text in args) this.#fail(key, 'each setting once', `'${key.text}' is given twice`);
      this.#expect('=', key.text);
      args[key.text] = this.#value();
    } while (this.#take(','));
    this.#expect(')');
    return args;
  }
  #value(): Value {
    const token = this.#peek();
    if (token.kind === 'number') {
      const init = this.#number();
      return this.#word('in') ? { init, bounds: this.#pair() } : init;
    }
    if (token.text === '[') {
      const init = this.#list();
      return this.#word('in') ? { init, bounds: this.#pair() } : init;
    }
    if (this.#word('true')) return true;
    if (this.#word('false')) return false;
    if (this.#word('fixed')) {
      this.#expect('(');
      const init = this.#peek().text === '[' ? this.#list() : this.#number();
      this.#expect(')');
      return { init, trainable: false };
    }
    this.#fail(token, 'a number, [numbers], fixed(…), true or false');
  }
  #pair(): readonly [number, number] {
    const at = this.#peek();
    const [low, high, ...more] = this.#list();
    if (low === undefined || high === undefined || more.length > 0 || !(low < high)) this.#fail(at, 'bounds [lower, upper]');
    return [low, high];
  }
  #list(): number[] {
    this.#expect('[');
    const values = [this.#number()];
    while (this.#take(',')) values.push(this.#number());
    this.#expect(']');
    return values;
  }
  #columns(): number[] {
    const at = this.#peek();
    const dims = this.#list();
    if (!dims.every((d) => Number.isInteger(d) && d >= 0)) this.#fail(at, 'columns counted from 0');
    return dims;
  }
  #number(): number {
    const token = this.#advance();
    if (token.kind !== 'number') this.#fail(token, 'a number');
    return Number(token.text);
  }
  /** Errors of a kernel's constructor, placed at its name. */
  #built(token: Token, build: () => Kernel): Kernel {
    try {
      return build();
    } catch (error) {
      throw new KernelSyntaxError(this.#source, token.at, (error as Error).message, { expected: `valid settings of ${token.text}` });
    }
  }
  #peek(): Token { return this.#tokens[this.#next]!; }
  #advance(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }
  #take(symbol: string): boolean {
    if (this.#peek().kind !== 'symbol' || this.#peek().text !== symbol) return false;
    this.#next++;
    return true;
  }
  #word(word: string): boolean {
    if (this.#peek().kind !== 'name' || this.#peek().text !== word) return false;
    this.#next++;
    return true;
  }
  #expect(symbol: string, after?: string): void {
    if (!this.#take(symbol)) this.#fail(this.#peek(), `'${symbol}'${after === undefined ? '' : ` after ${after}`}`);
  }
  #fail(token: Token, expected: string, problem?: string): never {
    throw new KernelSyntaxError(this.#source, token.at, problem ?? (token.kind === 'end' ? 'the expression ends' : `unexpected '${token.text}'`), { expected });
  }
}

const pattern = /\s*(?:([A-Za-z_][A-Za-z_0-9]*)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([()[\],=*+]))/y;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const rest = /\S/.exec(source.slice(at));
    if (!rest) break;
    const start = at + rest.index;
    pattern.lastIndex = at;
    // a sign right after an operand is an operator: "1 +2" adds
    const before = tokens.at(-1);
    const operand = before !== undefined && (before.kind !== 'symbol' || before.text === ')' || before.text === ']');
    if (operand && source[start] === '+') {
      tokens.push({ kind: 'symbol', text: '+', at: start });
      at = start + 1;
      continue;
    }
    const match = pattern.exec(source);
    if (!match) {
      throw new KernelSyntaxError(source, start, `unexpected '${source[start]}'`, { expected: 'a kernel, a number, an operator or a bracket' });
    }
    const kind = match[1] === undefined ? (match[2] === undefined ? 'symbol' : 'number') : 'name';
    tokens.push({ kind, text: (match[1] ?? match[2] ?? match[3])!, at: start });
    at = pattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}
