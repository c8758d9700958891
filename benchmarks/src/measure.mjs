import { Bench } from 'tinybench';

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const k = sorted.length >> 1;
  return sorted.length % 2 ? sorted[k] : (sorted[k - 1] + sorted[k]) / 2;
};

/**
 * Runs `subject` and `reference` in turn, round by round, so that both see the same state of the machine. Each round takes medians by tinybench; the
 * result is the median over rounds, with the ratio taken round by round. `spread`: (largest − smallest ratio) / median ratio.
 */
export async function compare(subject, reference, { rounds = 5, time = 80 } = {}) {
  const ours = [], theirs = [], ratios = [];
  await subject();
  await reference();
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time, iterations: 2, warmup: round === 0, warmupTime: 40, warmupIterations: 2, throws: true });
    bench.add('subject', subject);
    bench.add('reference', reference);
    await bench.run();
    const [a, b] = bench.tasks.map((task) => task.result.latency.p50);
    ours.push(a);
    theirs.push(b);
    ratios.push(b / a);
  }
  const ratio = median(ratios);
  return { medianMs: median(ours), referenceMs: median(theirs), speedup: ratio, spread: (Math.max(...ratios) - Math.min(...ratios)) / ratio };
}

/** Median ms of one job over `times` runs, after one that does not count. */
export async function medianOf(job, times = 5) {
  await job();
  const found = [];
  for (let k = 0; k < times; k++) {
    const t = performance.now();
    await job();
    found.push(performance.now() - t);
  }
  return median(found);
}
export { median };
