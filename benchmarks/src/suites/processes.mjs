import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const here = new URL('../..', import.meta.url);
async function child(code) {
  const { stdout } = await run(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], { cwd: here });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Resident memory of loops that make large intermediates, MiB: each in a process of its own. */
export async function memory({ contexts }, report) {
  for (const [subject] of contexts) {
    // Engines with memory of their own get it back at the end of a scope.
    const step = 'x.mul(2).add(k).sum().dataSync()', scoped = subject.startsWith('tfjs') ? `scope(() => { ${step}; })` : step;
    const peak = await child(`import { createContext, scope, setDefaultContext, linspace } from 'matheron';
      const ctx = await createContext({ backend: '${subject}' }); setDefaultContext(ctx);
      const x = linspace(0, 1, 1e6); let peak = 0;
      for (let k = 0; k < 2000; k++) { ${scoped}; if (k % 50 === 0) peak = Math.max(peak, process.memoryUsage().rss); }
      console.log(JSON.stringify(peak / 2 ** 20));`);
    report({ case: 'resident-2000-steps-of-8MB', n: 1e6, dtype: 'float64', subject, medianMs: undefined, value: Math.round(peak), unit: 'MiB' });
  }
}

/** Import, first result, and what a bundler makes of it. */
export async function startup({ contexts }, report) {
  const time = async (code) => {
    const found = [];
    for (let k = 0; k < 5; k++) found.push(await child(`const t = performance.now(); ${code}; console.log(JSON.stringify(performance.now() - t));`));
    return found.sort((a, b) => a - b)[2];
  };
  report({ case: 'import', subject: 'matheron', medianMs: await time("await import('matheron')") });
  for (const [subject] of contexts) {
    report({ case: 'first-result', subject, medianMs: await time(`const m = await import('matheron'); const ctx = await m.createContext({ backend: '${subject}' }); m.tensor([[2, 1], [1, 3]], { ctx }).matmul([[1], [2]]).toArray()`) });
  }
  const bundles = { 'add of matheron, which brings a default backend': "import { add } from 'matheron'; console.log(add)", 'GaussianProcessRegression of matheron': "import { GaussianProcessRegression } from 'matheron'; console.log(GaussianProcessRegression)", 'all of matheron': "import * as m from 'matheron'; console.log(m)" };
  for (const [name, contents] of Object.entries(bundles)) {
    const out = await build({ stdin: { contents, resolveDir: new URL('.', here).pathname }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, external: ['node:*', 'koffi', '@tensorflow/*'], logLevel: 'silent' });
    report({ case: 'bundle-gzip', subject: name, value: Math.round(gzipSync(out.outputFiles[0].contents).length / 102.4) / 10, unit: 'KB' });
  }
}
