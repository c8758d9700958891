// node tooling/size/index.mjs: what typical bundles weigh, from dist; fails where a budget is exceeded.
import { join } from 'node:path';
import { finish, packagesOf, readJson, root } from '../workspace/index.mjs';
import { measure } from './measure.mjs';

/** @type {{ name: string, code: string, limit?: number }[]} */
const budget = readJson(join(root, 'tooling/size/budget.json'));
const problems = [];
const kb = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const rows = [['bundle', 'minified', 'gzip', 'limit']];
// The command line runs in Node alone.
const whole = packagesOf().filter((p) => !p.manifest.bin).map((p) => ({ name: `${p.manifest.name} alone`, code: `export * from '${p.manifest.name}'`, limit: undefined }));
for (const { name, code, limit } of [...budget, ...whole]) {
  try {
    const { raw, gzip } = await measure(code, join(root, 'tooling/size'));
    rows.push([name, kb(raw), kb(gzip), limit ? kb(limit) : '']);
    if (limit && gzip > limit) problems.push(`${name}: ${gzip} bytes gzip, over its limit of ${limit}`);
  } catch (error) {
    problems.push(`${name}: ${/** @type {Error} */ (error).message}`);
  }
}
const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
for (const row of rows) console.log(row.map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  '));
finish('size', problems, `${budget.filter((b) => b.limit).length} budgets kept`);
