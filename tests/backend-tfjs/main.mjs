// node main.mjs [device …]: the suite on devices of Node; all of them without names.
import { runSuite } from './suite.mjs';

let bad = 0;
for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['tfjs-cpu', 'tfjs-wasm', 'tfjs-node']) {
  const started = Date.now();
  const { passed, failures } = await runSuite(name);
  for (const failure of failures.slice(0, Number(process.env['SHOW'] ?? 20))) console.log(failure.split('\n')[0]);
  console.log(`${name}: ${passed} passed, ${failures.length} failed, ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (passed === 0 || failures.length > 0) bad++;
}
process.exit(bad ? 1 : 0);
