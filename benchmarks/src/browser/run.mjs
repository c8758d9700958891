import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

/** Runs the page's suites in headless Chromium and returns their rows. */
export async function benchInBrowser({ quick, say }) {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page.mjs')], bundle: true, splitting: true, outdir: '/', write: false, format: 'esm', target: 'es2022',
    external: ['node:*', '@matheron/backend-native', '@matheron/backend-tfjs'], logLevel: 'warning',
  });
  const scripts = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const server = createServer(({ url = '/' }, response) => {
    // An isolated page gets a finer clock.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin').setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const script = scripts.get(url);
    if (script) response.setHeader('Content-Type', 'text/javascript').end(script);
    else response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Matheron benchmarks</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done()));
  const installer = join(import.meta.dirname, '../../../tooling/ci/install-chromium.sh');
  const executablePath = process.env.MATHERON_CHROMIUM ?? String(execFileSync('bash', [installer])).trim().split('\n').at(-1);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    say(`Chromium ${browser.version()}`);
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction('globalThis.bench !== undefined');
    return await page.evaluate((fast) => globalThis.bench(fast), quick);
  } finally {
    await browser.close();
    server.close();
  }
}
