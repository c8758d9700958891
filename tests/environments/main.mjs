// One runtime: runs the suite, prints one JSON line, ends with the matching exit code.
import { runSuite } from './suite.mjs';

const { passed, failures } = await runSuite();
console.log(JSON.stringify({ passed, failures: failures.slice(0, 20), failed: failures.length }));
if (failures.length) process.exit(1);
