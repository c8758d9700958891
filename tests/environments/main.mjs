// One runtime: runs the suite, prints one JSON line, ends with the matching exit code.
import { runSuite } from './suite.mjs';
import { runThreads } from './threads.mjs';

const results = [await runSuite(), await runThreads()];
const passed = results.reduce((n, result) => n + result.passed, 0), failures = results.flatMap((result) => result.failures);
console.log(JSON.stringify({ passed, failures: failures.slice(0, 20), failed: failures.length }));
if (failures.length) process.exit(1);
