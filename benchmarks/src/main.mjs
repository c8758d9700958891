// pnpm bench [suite…] [--backend cpu,wasm,native] [--peer openblas,jax-js,python,…] [--json file [--merge]] [--quick] [--browser] [--check] [--page]
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { startBackends } from './backends.mjs';
import { check } from './check.mjs';
import { describeMachine } from './machine.mjs';
import { compare, medianOf } from './measure.mjs';
import { writePage } from './page.mjs';
import { pythonPeers, runPython } from './python.mjs';
import { gp } from './suites/gp.mjs';
import { kernels } from './suites/kernels.mjs';
import { neural } from './suites/nn.mjs';
import { memory, startup } from './suites/processes.mjs';

const suites = { kernels, gp, nn: neural, memory, startup };
const defaults = ['limit-wasm', 'limit-openblas', 'openblas', 'ml-matrix', 'jax-js', 'mathjs', 'naive', 'tfjs-cpu', 'tfjs-wasm'];
const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((a) => a !== '--'),
  allowPositionals: true,
  options: { backend: { type: 'string', default: 'cpu,wasm,native,tfjs-node' }, peer: { type: 'string' }, json: { type: 'string' }, merge: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false }, browser: { type: 'boolean', default: false }, check: { type: 'boolean', default: false }, page: { type: 'boolean', default: false }, threads: { type: 'string', default: '1' } },
});
const unknown = positionals.find((name) => !(name in suites));
if (unknown) {
  process.stderr.write(`there is no suite '${unknown}'; there are ${Object.keys(suites).join(', ')}\n`);
  process.exit(2);
}
const say = (line) => process.stderr.write(`${line}\n`);
const asked = values.peer?.split(',').map((s) => s.trim()) ?? defaults;
const peers = new Set(asked.flatMap((name) => (name === 'python' ? pythonPeers : [name])).concat(asked.includes('python') && asked.length === 1 ? defaults : []));
const has = (name) => peers.has(name);

const contexts = await startBackends(values.backend.split(','), say);
const chosen = positionals.length > 0 ? positionals : Object.keys(suites);
const wanted = pythonPeers.filter(has);
const python = wanted.length > 0 && chosen.includes('gp') ? runPython(wanted, { sizes: values.quick ? [100, 500] : [100, 500, 1000, 2000], fits: values.quick ? [100] : [100, 500], say, threads: Number(values.threads) }) : new Map();
const report = { machine: describeMachine(), date: new Date().toISOString(), results: [] };
say(`${report.machine.cpu}, ${report.machine.cores} cores, ${report.machine.node}; ${[...contexts.keys()].join(', ')}`);

for (const suite of chosen) {
  say(`\n${suite}`);
  const add = (row) => {
    report.results.push({ suite, ...row });
    say(line(row));
  };
  if (suite === 'memory' || suite === 'startup') {
    await suites[suite]({ contexts }, add);
    continue;
  }
  try {
    for await (const job of suites[suite]({ contexts, has, quick: values.quick, python })) {
      const row = { case: job.case, n: job.n, dtype: job.dtype, subject: job.subject, reference: job.reference };
      if (job.medianMs !== undefined) {
        add({ ...row, medianMs: job.medianMs });
        continue;
      }
      try {
        add({ ...row, ...(await measure(job)) });
      } catch (error) {
        say(`  ${row.case} n = ${row.n}, ${row.subject} / ${row.reference}: left out, ${error.message.split('\n')[0]}`);
      }
    }
  } catch (error) {
    say(`${suite} ended early: ${error.stack}`);
    process.exitCode = 1;
  }
}

if (values.browser) {
  say('\nbrowser');
  const { benchInBrowser } = await import('./browser/run.mjs');
  for (const row of await benchInBrowser({ quick: values.quick, say })) {
    report.results.push(row);
    say(line(row));
  }
}

async function measure({ ours, theirs, referenceMs, inner = 1, times = 7, rounds }) {
  const repeated = (f) => (inner === 1 ? f : () => { for (let k = 0; k < inner; k++) f(); });
  if (referenceMs !== undefined) {
    const ms = await medianOf(ours, times);
    return { medianMs: ms, referenceMs, speedup: referenceMs / ms, spread: undefined };
  }
  const result = await compare(repeated(ours), repeated(theirs), { rounds: rounds ?? (values.quick ? 3 : 5), time: values.quick ? 40 : 80 });
  return { ...result, medianMs: result.medianMs / inner, referenceMs: result.referenceMs / inner };
}
function line(row) {
  const label = `  ${row.case}${row.n === undefined ? '' : ` n = ${row.n}`}, ${row.subject}`.padEnd(46);
  if (row.value !== undefined) return `${label}${row.value} ${row.unit}`;
  if (row.reference === undefined) return `${label}${row.medianMs.toFixed(1)} ms`;
  return `${label}${ms(row.medianMs).padStart(10)}  ${row.reference.padEnd(16)}${ms(row.referenceMs).padStart(10)}  × ${row.speedup.toFixed(2)}${row.spread === undefined ? '' : ` (spread ${(100 * row.spread).toFixed(0)} %)`}`;
}
function ms(v) {
  return v < 0.1 ? `${(1000 * v).toFixed(2)} µs` : `${v.toFixed(v < 10 ? 2 : 1)} ms`;
}

if (values.json) {
  mkdirSync(dirname(values.json), { recursive: true });
  if (values.merge && existsSync(values.json)) {
    const before = JSON.parse(readFileSync(values.json, 'utf8'));
    const keyOf = (r) => [r.suite, r.case, r.n, r.dtype, r.subject, r.reference].join();
    const fresh = new Set(report.results.map(keyOf));
    if (JSON.stringify(before.machine) === JSON.stringify(report.machine)) report.results.unshift(...before.results.filter((r) => !fresh.has(keyOf(r))));
    else say(`${values.json} is of another machine and is replaced`);
  }
  writeFileSync(`${values.json}.tmp`, `${JSON.stringify(report, null, 1)}\n`);
  renameSync(`${values.json}.tmp`, values.json);
}
if (values.page) writePage(values.json ? JSON.parse(readFileSync(values.json, 'utf8')) : report);
if (values.check) check(report, (text) => process.stdout.write(`${text}\n`));
