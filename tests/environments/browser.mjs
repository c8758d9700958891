// node browser.mjs: the suite on a page in Chromium, served with the headers that isolate it (shared memory needs them) and a
// content security policy that forbids eval.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(here, 'page.mjs'), join(here, 'worker.mjs')],
  bundle: true,
  // What is imported on demand (files, other engines) stays in chunks of its own, as bundlers for browsers do.
  splitting: true,
  outdir: '/',
  write: false,
  format: 'esm',
  target: 'es2022',
  external: ['node:*', '@matheron/backend-native', '@matheron/backend-tfjs'],
  logLevel: 'warning',
});
const scripts = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
const server = createServer((request, response) => {
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  response.setHeader('Content-Security-Policy', "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:");
  const script = scripts.get(request.url ?? '');
  if (script) response.setHeader('Content-Type', 'text/javascript').end(script);
  else if (request.url === '/') response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Matheron</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  else response.writeHead(404).end();
});
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
const address = server.address();
const port = typeof address === 'object' ? address?.port : 0;

const executablePath = process.env['MATHERON_CHROMIUM'] ?? String(execFileSync('bash', [join(here, '../../tooling/ci/install-chromium.sh')])).trim().split('\n').at(-1) ?? '';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
let code = 1;
try {
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.setDefaultTimeout(600_000);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction('window.suite !== undefined', undefined, { timeout: 60_000 }).catch(() => errors.push('the page did not start'));
  if (errors.length === 0) {
    const { passed, failures } = /** @type {{ passed: number, failures: string[] }} */ (await page.evaluate('window.suite'));
    console.log(`Chromium ${browser.version()}: ${passed} passed, ${failures.length} failed`);
    errors.push(...failures.slice(0, 20));
    if (passed > 0 && errors.length === 0) code = 0;
  }
  for (const error of errors) console.error(error);
} finally {
  await browser.close();
  server.close();
}
process.exit(code);
