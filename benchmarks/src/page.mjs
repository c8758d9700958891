import { mkdirSync, readFileSync, renameSync, writeFileSync, existsSync } from 'node:fs';

const docs = new URL('../../docs/', import.meta.url);

/** Writes docs/benchmarks.md and its plots from the figures; nothing there is typed by hand but the reasons of losses.json. */
export function writePage(report) {
  const { machine, date, results } = report;
  const rows = results.filter((r) => r.reference !== undefined && Number.isFinite(r.speedup));
  const lines = [
    '# Benchmarks', '',
    '<!-- Written by `pnpm bench --json … --page`. Edit benchmarks/, not this page. -->', '',
    `Taken on ${date.slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node ${machine.node}. Every ratio is of two things measured in turn in one run (peers in Python: in processes of their own within the run, one thread each). Above 1 we are faster. The machine is shared: read ratios, not milliseconds, and where the spread is above 50 % neither.`, '',
    ...inShort(results),
  ];
  for (const suite of ['gp', 'kernels', 'nn']) {
    const own = rows.filter((r) => r.suite === suite);
    if (own.length === 0) continue;
    lines.push(`## ${titles[suite]}`, '');
    for (const name of [...new Set(own.map((r) => r.case))]) {
      const of = own.filter((r) => r.case === name).sort((a, b) => a.n - b.n || rank(a) - rank(b));
      const file = `benchmarks/${suite}-${name}.svg`;
      write(file, bars(name, of));
      lines.push(`### ${name}`, '', `![speedups of ${name}](${file})`, '', '| n | subject | ms | reference | ms | speedup | spread |', '|---|---|---|---|---|---|---|');
      for (const r of of) lines.push(`| ${r.n} | ${r.subject} | ${format(r.medianMs)} | ${r.reference} | ${format(r.referenceMs)} | ${r.speedup < 1 ? `**${r.speedup.toFixed(2)}**` : r.speedup.toFixed(2)} | ${r.spread === undefined ? '' : `${(100 * r.spread).toFixed(0)} %`} |`);
      lines.push('');
    }
  }
  const other = results.filter((r) => r.reference === undefined);
  if (other.length > 0) {
    lines.push('## Memory, start, size', '', '| what | of | figure |', '|---|---|---|', ...other.map((r) => `| ${r.case} | ${r.subject} | ${r.value === undefined ? `${format(r.medianMs)} ms` : `${r.value} ${r.unit}`} |`), '');
  }
  lines.push('## Where we lose', '', ...losses(rows));
  write('benchmarks.md', `${lines.join('\n')}\n`);
}
const order = ['wasm', 'native', 'tfjs-node', 'cpu'];
const rank = ({ subject }) => (order.includes(subject) ? order.indexOf(subject) : order.length);
const titles = { gp: 'Gaussian processes', kernels: 'Kernels', nn: 'Training steps' };
const format = (v) => (v < 0.01 ? v.toFixed(5) : v < 1 ? v.toFixed(3) : v.toFixed(v < 100 ? 2 : 0));

/** What people fit Gaussian processes with, and the job that is the same for all: one line a contender, the shortest first, as a picture and a table. */
function inShort(results) {
  const n = 1000, peers = ['numpy', 'jax', 'gpytorch', 'sklearn', 'syne-tune'], times = new Map();
  for (const r of results) {
    if (r.case !== 'nll-gradient' || r.n !== n || !peers.includes(r.reference)) continue;
    times.set(r.reference, r.referenceMs);
    if (r.subject === 'wasm' || r.subject === 'native') times.set(r.subject, Math.min(times.get(r.subject) ?? Infinity, r.medianMs));
  }
  if (times.size === 0) return [];
  const names = { wasm: 'Matheron, wasm', native: 'Matheron, native', numpy: 'NumPy, by hand', jax: 'JAX, jit', gpytorch: 'GPyTorch', sklearn: 'scikit-learn', 'syne-tune': 'Syne Tune' };
  const rows = [...times].sort((a, b) => a[1] - b[1]);
  write('benchmarks/summary.svg', durations(`Negative log marginal likelihood with all gradients, n = ${n}, one core`, rows.map(([name, ms]) => ({ name: names[name], ms, ours: name === 'wasm' || name === 'native' }))));
  return [
    '## In short', '', '![time of one evaluation](benchmarks/summary.svg)', '', `| one evaluation, n = ${n}, one core | ms |`, '|---|---|', ...rows.map(([name, ms]) => `| ${names[name]} | ${format(ms)} |`), '',
  ];
}

/** The rows below 0.95 by subject and reason, in lists by case. */
function losses(rows) {
  const lost = rows.filter((r) => r.speedup < 0.95).sort((a, b) => rank(a) - rank(b));
  if (lost.length === 0) return ['Nowhere in this run.'];
  const reasons = existsSync(new URL('../losses.json', import.meta.url)) ? JSON.parse(readFileSync(new URL('../losses.json', import.meta.url), 'utf8')) : {};
  const why = ({ case: name, subject, reference }) => reasons[`${name}|${subject}|${reference}`] ?? reasons[`${subject}|${reference}`] ?? reasons[`${name}|${subject}`] ?? reasons[subject] ?? '';
  const grouped = (list, key) => list.reduce((map, r) => map.set(key(r), [...(map.get(key(r)) ?? []), r]), new Map());
  const lines = ['Times as fast as the reference, with n in brackets.', ''];
  for (const [subject, own] of grouped(lost, (r) => r.subject)) {
    lines.push(`### ${subject}`, '');
    for (const [reason, of] of grouped(own, why)) {
      lines.push(`- ${reason}`.trimEnd());
      for (const [name, cases] of grouped(of, (r) => r.case)) {
        lines.push(`  - ${name}: ${[...grouped(cases, (r) => r.reference)].map(([reference, at]) => `${reference} ${at.map((r) => `${r.speedup.toFixed(2)} (${r.n})`).join(', ')}`).join('; ')}`);
      }
    }
    lines.push('');
  }
  return lines.slice(0, -1);
}

function write(name, text) {
  const file = new URL(name, docs);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(new URL(`${name}.tmp`, docs), text);
  renameSync(new URL(`${name}.tmp`, docs), file);
}

const palette = `text{font:12px system-ui,sans-serif;fill:#1b2330}.s{fill:#5b6676}.t{font-size:16px;font-weight:600}.g{stroke:#e4e8ee}.o{stroke:#1b2330;stroke-dasharray:3 3}.p{fill:#fff}
@media (prefers-color-scheme:dark){text{fill:#e8ecf3}.s{fill:#9aa6b8}.g{stroke:#242b36}.o{stroke:#e8ecf3}.p{fill:#12161d}}`;
const colours = { cpu: '#8a94a6', wasm: '#1f5fbf', native: '#0f8a5f', 'tfjs-node': '#c2410c' };

/** Horizontal bars of times from 0 on. */
function durations(title, rows) {
  const [left, right, bar, top] = [150, 90, 28, 44], width = 760, height = top + rows.length * bar + 14;
  const scale = (width - left - right) / Math.max(...rows.map((r) => r.ms));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${rows.map((r) => `${r.name} ${format(r.ms)} ms`).join(', ')}">
<style>${palette}</style>
<rect class="p" width="${width}" height="${height}" rx="6"/><text class="t" x="16" y="26">${title}</text>
${rows.map((r, k) => {
  const y = top + k * bar, length = Math.max(1, r.ms * scale);
  return `<text x="${left - 10}" y="${y + 17}" text-anchor="end"${r.ours ? ' style="font-weight:600"' : ''}>${r.name}</text><rect x="${left}" y="${y + 4}" width="${length.toFixed(1)}" height="${bar - 10}" rx="2" fill="${r.ours ? colours.native : colours.cpu}"/><text class="s" x="${(left + length + 6).toFixed(1)}" y="${y + 17}">${format(r.ms)} ms</text>`;
}).join('\n')}
</svg>
`;
}

/** Horizontal bars of speedups on a logarithmic axis, 1 marked. */
function bars(title, rows) {
  const [left, right, bar, top] = [330, 90, 20, 56];
  const width = 860, height = top + rows.length * bar + 34;
  const low = Math.min(0.1, ...rows.map((r) => r.speedup)), high = Math.max(10, ...rows.map((r) => r.speedup));
  const x = (v) => left + ((Math.log10(v) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))) * (width - left - right);
  const ticks = [];
  for (let e = Math.ceil(Math.log10(low)); e <= Math.floor(Math.log10(high)); e++) ticks.push(10 ** e);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Speedups of ${title}">
<style>${palette}</style>
<rect class="p" width="${width}" height="${height}" rx="6"/><text class="t" x="16" y="26">${title}: how many times as fast as the reference</text>
${ticks.map((t) => `<path class="g" d="M${x(t).toFixed(1)} ${top - 10}V${height - 24}"/><text class="s" x="${x(t).toFixed(1)}" y="${height - 8}" text-anchor="middle">${t}×</text>`).join('')}
${rows.map((r, k) => {
  const y = top + k * bar, [a, b] = [Math.min(x(1), x(r.speedup)), Math.max(x(1), x(r.speedup))];
  return `<text x="${left - 10}" y="${y + 12}" text-anchor="end">${r.subject} / ${r.reference}, n = ${r.n}</text><rect x="${a.toFixed(1)}" y="${y + 2}" width="${Math.max(1, b - a).toFixed(1)}" height="${bar - 6}" rx="2" fill="${colours[r.subject] ?? '#7c5cc4'}"/><text class="s" x="${(Math.max(b, x(1)) + 6).toFixed(1)}" y="${y + 12}">${r.speedup.toFixed(2)}</text>`;
}).join('\n')}
<path class="o" d="M${x(1).toFixed(1)} ${top - 10}V${height - 24}"/></svg>
`;
}
