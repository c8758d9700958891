import { type BackendTensor, type Call, type DType, type Shape, inferTypes } from '@matheron/core-tensor';
import { attributeKey } from './attributes.ts';
import type { Node, Value } from './graph.ts';

type Type = { readonly shape: Shape; readonly dtype: DType };

/**
 * What calls have in common that differ in their operands alone: kind, attributes, types of operands and results. Within a trace equal ones are
 * one object, so that passes ask a question once a form instead of once a node; loops that are unrolled have few.
 */
export class Form {
  /** Distinct within a trace, small. */
  readonly id: number;
  readonly types: readonly Type[];
  /** Numbers of the types, by which forms of calls on them are found. */
  readonly typeIds: readonly number[];
  /** Of the first call of the form, and of all that are kept. */
  readonly attributes: object;
  constructor(id: number, types: readonly Type[], typeIds: readonly number[], attributes: object) {
    this.id = id;
    this.types = types;
    this.typeIds = typeIds;
    this.attributes = attributes;
  }
}

/** The forms of one trace. */
export class Forms {
  #count = 0;
  readonly #typeIds = new Map<string, number>();
  readonly #operations = new Map<string, FormList>();
  /** As #operations, for kinds whose one attribute is a word. */
  readonly #words = { unary: new Map<string, FormList>(), binary: new Map<string, FormList>(), compare: new Map<string, FormList>() };
  readonly #leaves = new Map<string, Form>();

  /** The form of a call. */
  of(call: Call<Value>): Form {
    const forms = this.#formsOf(call), key = operandKey(call.inputs);
    let form = forms.get(key);
    if (!form) forms.add(key, (form = this.#make(inferTypes(call as Call<BackendTensor>), call.attributes)));
    return form;
  }
  /** The form of inputs and constants of a type. */
  ofType(type: Type): Form {
    const key = `${type.dtype}${type.shape.join()}`;
    let form = this.#leaves.get(key);
    if (!form) this.#leaves.set(key, (form = this.#make([type], {})));
    return form;
  }
  #formsOf(call: Call<Value>): FormList {
    const { kind } = call;
    if (kind === 'binary' || kind === 'unary' || kind === 'compare') return entry(this.#words[kind], call.attributes.op, newList);
    return entry(this.#operations, `${kind};${attributeKey(call)}`, newList);
  }
  #make(types: readonly Type[], attributes: object): Form {
    return new Form(this.#count++, types, types.map(({ shape, dtype }) => entry(this.#typeIds, `${dtype}${shape.join()}`, () => this.#typeIds.size)), attributes);
  }
}

/** The forms of one operation, by types of operands: mostly one or two, many where a loop concatenates. */
class FormList {
  readonly #keys: (number | string)[] = [];
  readonly #forms: Form[] = [];
  #map: Map<number | string, Form> | undefined;
  get(key: number | string): Form | undefined {
    return this.#map ? this.#map.get(key) : this.#forms[this.#keys.indexOf(key)];
  }
  add(key: number | string, form: Form): void {
    if (this.#map) this.#map.set(key, form);
    else if (this.#keys.push(key) <= 8) this.#forms.push(form);
    else this.#map = new Map([...this.#forms, form].map((x, k) => [this.#keys[k]!, x]));
  }
}
const newList = (): FormList => new FormList();
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
const typeId = ({ node, output }: Value): number => node.form.typeIds[output]!;
function operandKey(inputs: readonly Value[]): number | string {
  switch (inputs.length) {
    case 0: return -1;
    case 1: return typeId(inputs[0]!);
    case 2: {
      const a = typeId(inputs[0]!), b = typeId(inputs[1]!);
      return b < 16384 ? a * 16384 + b : `${a},${b}`;
    }
    default: {
      const first = typeId(inputs[0]!);
      return inputs.every((x) => typeId(x) === first) ? `${first}*${inputs.length}` : inputs.map(typeId).join();
    }
  }
}

/** The calls of a trace, found by form and operands. */
export class CallTable {
  /** Positions in #nodes plus one, by hash; 0: free. */
  #slots = new Int32Array(256);
  #nodes: Node[] = [];

  /** The node of the same call, or undefined: then the slot is remembered for `add`, which must follow at once. */
  find(form: Form, inputs: readonly Value[]): Node | undefined {
    const mask = this.#slots.length - 1;
    let slot = hashOf(form, inputs) & mask;
    for (let k = this.#slots[slot]!; k !== 0; k = this.#slots[slot]!) {
      const node = this.#nodes[k - 1]!;
      if (node.form === form && sameOperands(node.call!.inputs, inputs)) return node;
      slot = (slot + 1) & mask;
    }
    this.#slot = slot;
    return undefined;
  }
  #slot = 0;
  add(node: Node): void {
    this.#slots[this.#slot] = this.#nodes.push(node);
    if (2 * this.#nodes.length > this.#slots.length) this.#grow();
  }
  #grow(): void {
    this.#slots = new Int32Array(4 * this.#slots.length);
    const mask = this.#slots.length - 1;
    this.#nodes.forEach(({ form, call }, k) => {
      let slot = hashOf(form, call!.inputs) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = k + 1;
    });
  }
}

function hashOf(form: Form, inputs: readonly Value[]): number {
  let h = form.id;
  for (let k = 0; k < inputs.length; k++) h = Math.imul(h, 0x5bd1e995) + inputs[k]!.node.id * 4 + inputs[k]!.output;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
function sameOperands(a: readonly Value[], b: readonly Value[]): boolean {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return a.length === b.length;
}
