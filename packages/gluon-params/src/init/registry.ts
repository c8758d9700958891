import { type DType, type Shape, type Tensor, broadcastTo, currentContext, defaultRng, nearestName, tensor } from '@matheron/core-tensor';
import { ArgumentError, IncompatibleParameterError } from '../errors.ts';
import { Bilinear } from './bilinear.ts';
import { Constant, One, Zero } from './constant.ts';
import { type InitLike, Initializer } from './initializer.ts';
import { LSTMBias } from './lstm.ts';
import { Orthogonal } from './orthogonal.ts';
import { Normal, Uniform } from './random.ts';
import { MSRAPrelu, Xavier } from './variance-scaling.ts';

type Settings = Readonly<Record<string, unknown>>;
type Make = (settings: Settings) => Initializer;

const camelCase = (settings: Settings): Settings => Object.fromEntries(Object.entries(settings).map(([key, value]) => [key.replace(/_(.)/g, (_, c: string) => c.toUpperCase()), value]));
const own: Readonly<Record<string, Make>> = {
  zero: () => new Zero(),
  zeros: () => new Zero(),
  one: () => new One(),
  ones: () => new One(),
  constant: (s) => new Constant(s['value'] as number),
  uniform: (s) => new Uniform(s['scale'] as number | undefined),
  normal: (s) => new Normal(s['sigma'] as number | undefined),
  orthogonal: (s) => new Orthogonal(camelCase(s)),
  xavier: (s) => new Xavier(camelCase(s)),
  msraprelu: (s) => new MSRAPrelu(camelCase(s)),
  bilinear: () => new Bilinear(),
  lstmbias: (s) => new LSTMBias(s['forget_bias'] as number | undefined),
};
const registered = new Map<string, Make>();

/** Makes an initializer of your own known by name, in any case of letters; `make` gets the settings of a dumped string. */
export function register(name: string, make: (settings: Readonly<Record<string, unknown>>) => Initializer): void {
  registered.set(name.toLowerCase(), make);
}

/** The initializer of a name, or of a string that `dumps` wrote. ArgumentError for names that are not registered. */
export function create(text: string): Initializer {
  let [name, settings]: [string, Settings] = [text, {}];
  if (text.startsWith('[')) {
    try {
      [name, settings] = JSON.parse(text) as [string, Settings];
    } catch (cause) {
      throw new ArgumentError('init', text, `a name or JSON such as '["constant", {"value": 3}]' (${(cause as Error).message})`);
    }
  }
  const key = String(name).toLowerCase();
  const make = registered.get(key) ?? (Object.hasOwn(own, key) ? own[key] : undefined);
  if (!make) {
    const names = [...Object.keys(own), ...registered.keys()];
    const nearest = nearestName(key, names);
    throw new ArgumentError('init', name, `an initializer; ${key} is not registered${nearest ? `, did you mean '${nearest}'?` : ''} (there are ${names.join(', ')})`);
  }
  return make(settings ?? {});
}

/** What an `InitLike` does: values on the current context, checked against the shape. */
export function resolveInit(init: InitLike): (name: string, shape: Shape, dtype: DType) => Tensor {
  if (init instanceof Initializer) return (name, shape, dtype) => fitted(name, init.initWeight(name, shape, dtype), shape, dtype);
  if (typeof init === 'string') return resolveInit(create(init));
  if (typeof init === 'function') return (name, shape, dtype) => fitted(name, tensor(init(shape, dtype, defaultRng())), shape, dtype);
  throw new ArgumentError('init', init, 'an Initializer, its name, or a function of the shape');
}

function fitted(name: string, value: Tensor, shape: Shape, dtype: DType): Tensor {
  const here = value.to(currentContext()).astype(dtype);
  if (here.ndim === 0) return broadcastTo(here, shape);
  if (here.ndim !== shape.length || here.shape.some((n, k) => n !== shape[k])) {
    throw new IncompatibleParameterError(name, `${name}: the initializer gave shape [${here.shape.join(', ')}], the parameter has [${shape.join(', ')}]; return values of the parameter's shape`, `[${shape.join(', ')}]`, `[${here.shape.join(', ')}]`);
  }
  return here;
}
