import { createContext } from 'matheron';

/** Contexts of the backends that start here, by name, on one thread as their references are; the others are said and left out. */
export async function startBackends(names, say) {
  const contexts = new Map();
  for (const name of names) {
    try {
      contexts.set(name, await createContext({ backend: name, ...(/^tfjs-(?!node)/.test(name) ? { dtype: 'float32' } : {}), ...(name === 'native' ? { threads: 1 } : {}) }));
    } catch (error) {
      say(`${name} is left out: ${error.message}`);
    }
  }
  return contexts;
}
