import { readFileSync } from 'node:fs';

/** Compares ratios with thresholds.json and prints those that fall short. For people, not for CI: machines are shared and noisy. */
export function check({ results }, print) {
  const { thresholds } = JSON.parse(readFileSync(new URL('../thresholds.json', import.meta.url), 'utf8'));
  let [held, short] = [0, 0];
  for (const t of thresholds) {
    const row = results.find((r) => ['suite', 'case', 'n', 'subject', 'reference'].every((key) => t[key] === undefined || t[key] === r[key]));
    if (!row) continue;
    const figure = t.atMostMs === undefined ? row.speedup : row.medianMs;
    const ok = t.atMostMs === undefined ? figure >= t.atLeast : figure <= t.atMostMs;
    if (ok) held++;
    else {
      short++;
      print(`short: ${t.suite} ${t.case} n = ${t.n ?? 'any'}, ${t.subject} / ${t.reference ?? ''}: ${figure.toFixed(3)}, ${t.atMostMs === undefined ? `at least ${t.atLeast}` : `at most ${t.atMostMs} ms`} (issue ${t.issue})`);
    }
  }
  print(`${held} thresholds held, ${short} fell short, ${thresholds.length - held - short} not measured`);
}
