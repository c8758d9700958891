// Runs inside an empty project: imports one entry point and tells what the import did besides. No dependency.
// node probe.mjs <specifier>, started with an IPC channel.
const [specifier] = process.argv.slice(2);
const builtins = { Array, Object, Function, String, Number, Promise, Map, Set, Float64Array, Float32Array, Int32Array, Uint8Array, Symbol, Error, Math, JSON, Reflect };
const keys = () => [
  ...Reflect.ownKeys(globalThis).map((key) => `globalThis.${String(key)}`),
  ...Object.entries(builtins).flatMap(([name, value]) => [
    ...Reflect.ownKeys(value).map((key) => `${name}.${String(key)}`),
    ...('prototype' in value ? Reflect.ownKeys(value.prototype).map((key) => `${name}.prototype.${String(key)}`) : []),
  ]),
];
const before = new Set(keys());
const environment = JSON.stringify(process.env);
const listeners = process.eventNames().length;
const module = await import(String(specifier));
const problems = keys().filter((key) => !before.has(key)).map((key) => `adds ${key}`);
if (JSON.stringify(process.env) !== environment) problems.push('changes process.env');
if (process.eventNames().length !== listeners) problems.push('listens to process events');
if (Object.keys(module).length === 0) problems.push('exports nothing');
// On a channel of its own: what the package prints stays visible as a problem.
process.send?.({ exports: Object.keys(module).length, problems });
process.disconnect?.();
