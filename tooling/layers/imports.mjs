import { parseSync } from 'oxc-parser';

/**
 * The modules that a source names: static and dynamic imports and re-exports, types included.
 * @type {(file: string, source: string) => string[]}
 */
export const importsOf = (file, source) => {
  const { module, errors } = parseSync(file, source);
  if (errors.length) throw new Error(`${file}: ${errors[0]?.message}`);
  const found = new Set(module.staticImports.map((i) => i.moduleRequest.value));
  for (const { entries } of module.staticExports) for (const e of entries) if (e.moduleRequest) found.add(e.moduleRequest.value);
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (literal) found.add(/** @type {string} */ (literal[2]));
  }
  return [...found];
};

/**
 * `@scope/name/sub` → `@scope/name`.
 * @type {(specifier: string) => string}
 */
export const packageName = (specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
