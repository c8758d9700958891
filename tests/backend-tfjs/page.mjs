// The page: the suite on the device that the address names, the result left where the test reads it; false where the device doesn't start.
import { devices, runSuite } from './suite.mjs';

const name = location.hash.slice(1);
const start = async () => {
  try {
    await devices[name]?.();
  } catch (error) {
    return { unavailable: String(error instanceof Error ? `${error.message} (${String(error.cause)})` : error) };
  }
  return runSuite(name);
};
/** @type {Window & { suite?: Promise<unknown> }} */
const page = window;
page.suite = start();
