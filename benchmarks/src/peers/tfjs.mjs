import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const loaded = new Map();

/**
 * TensorFlow.js with one engine and its gradients, started. Its modules that register gradients can't be imported by Node as they are published, so
 * core and engine are bundled first.
 */
export function loadTfjs(engine) {
  if (!loaded.has(engine)) loaded.set(engine, load(engine));
  return loaded.get(engine);
}
async function load(engine) {
  const folder = mkdtempSync(join(tmpdir(), 'matheron-bench-'));
  const file = join(folder, `${engine}.mjs`);
  const contents = `import '@tensorflow/tfjs-core/dist/register_all_gradients'; import '@tensorflow/tfjs-backend-${engine}'; export * from '@tensorflow/tfjs-core';${engine === 'wasm' ? ` export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';` : ''}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname }, bundle: true, format: 'esm', platform: 'node', mainFields: ['module', 'main'], write: false, logLevel: 'silent',
    banner: { js: "import { createRequire } from 'node:module'; import { dirname } from 'node:path'; import { fileURLToPath } from 'node:url'; const require = createRequire(import.meta.url), __filename = fileURLToPath(import.meta.url), __dirname = dirname(__filename);" },
  });
  writeFileSync(file, outputFiles[0].contents);
  const tf = await import(pathToFileURL(file).href);
  if (engine === 'wasm') {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
    tf.setWasmPaths(join(main, '..', 'wasm-out/'));
  }
  tf.env().set('IS_TEST', true);
  await tf.setBackend(engine);
  await tf.ready();
  return tf;
}
