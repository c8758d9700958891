// The page: the suite on the device that the address names, the result left where the test reads it; false where the device doesn't start.
import { devices, runSuite } from './suite.mjs';

const [name = '', ...rest] = decodeURIComponent(location.hash.slice(1)).split('?');
const only = rest.join('?');
const start = async () => {
  try {
    await devices[name]?.();
  } catch (error) {
    return { unavailable: String(error instanceof Error ? `${error.message} (${String(error.cause)})` : error) };
  }
  const progress = (/** @type {number} */ done, /** @type {string} */ one) => void (done % 250 === 0 && console.log(`${done} cases, ${(performance.now() / 1000).toFixed(0)} s: ${one}`));
  return runSuite(name, only ? { only: new RegExp(only), progress } : { progress });
};
/** @type {Window & { suite?: Promise<unknown> }} */
const page = window;
page.suite = start();
