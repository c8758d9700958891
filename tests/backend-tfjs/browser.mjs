// node browser.mjs: the suite on tfjs's GPU engines in Chromium, rendering in software where there is no GPU. WebGPU is left out, and said so, where the
// browser has no adapter; WebGL has to be there. ONLY picks groups of cases, SHOW says how many failures are printed.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(here, 'page.mjs')],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  external: ['node:*', '@tensorflow/tfjs-node', '@tensorflow/tfjs-backend-wasm', 'perf_hooks', 'worker_threads', 'fs', 'path', 'os'],
  logLevel: 'error',
});
const script = outputFiles[0]?.contents ?? new Uint8Array();
const server = createServer((request, response) => {
  response.setHeader('Content-Security-Policy', "default-src 'self'; script-src 'self'");
  if (request.url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script);
  else if (request.url === '/') response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Matheron on tfjs</title><script type="module" src="/page.js"></script>');
  else response.writeHead(404).end();
});
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
const address = server.address();
const port = typeof address === 'object' ? address?.port : 0;

const executablePath = process.env['MATHERON_CHROMIUM'] ?? String(execFileSync('bash', [join(here, '../../tooling/ci/install-chromium.sh')])).trim().split('\n').at(-1) ?? '';
const args = ['--no-sandbox', '--ignore-gpu-blocklist', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--enable-unsafe-webgpu', '--enable-features=Vulkan,WebGPU', '--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader'];
const browser = await chromium.launch({ executablePath, args });
/** @type {string[]} */
const problems = [];
try {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['tfjs-webgl', 'tfjs-webgpu']) {
    const started = Date.now();
    const page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(`${name}: ${String(error.stack ?? error)}`));
    page.on('console', (message) => message.type() === 'log' && message.text().includes(' cases, ') && console.log(`${name}: ${message.text()}`));
    page.setDefaultTimeout(0);
    await page.goto(`http://127.0.0.1:${port}/#${encodeURIComponent(`${name}?${process.env['ONLY'] ?? ''}`)}`);
    await page.waitForFunction('window.suite !== undefined', undefined, { timeout: 60_000 }).catch(() => problems.push(`${name}: the page did not start`));
    if (problems.length > 0) break;
    const result = /** @type {{ passed?: number, failures?: string[], unavailable?: string }} */ (await page.evaluate('window.suite'));
    if (result.unavailable !== undefined) {
      console.log(`${name}: not offered by Chromium ${browser.version()}: ${result.unavailable}`);
      if (name !== 'tfjs-webgpu') problems.push(`${name} is not available`);
    } else {
      const failures = result.failures ?? [];
      console.log(`${name} in Chromium ${browser.version()}: ${result.passed} passed, ${failures.length} failed, ${((Date.now() - started) / 1000).toFixed(1)} s`);
      problems.push(...failures.slice(0, Number(process.env['SHOW'] ?? 20)).map((failure) => `${name}: ${failure.split('\n')[0]}`));
      if (!result.passed) problems.push(`${name}: no case ran`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
