/**
 * The describe/it that conformance asks of a test runner, for environments that have none. Cases are collected and then
 * run one after another.
 */
export const collector = () => {
  /** @type {{ name: string, body: () => void | Promise<void> }[]} */
  const cases = [];
  /** @type {string[]} */
  const path = [];
  return {
    describe: (/** @type {string} */ name, /** @type {() => void} */ body) => {
      path.push(name);
      body();
      path.pop();
    },
    it: (/** @type {string} */ name, /** @type {() => void | Promise<void>} */ body) => {
      cases.push({ name: [...path, name].join(' › '), body });
    },
    /** @returns {Promise<{ passed: number, failures: string[] }>} */
    run: async () => {
      const failures = [];
      for (const { name, body } of cases) {
        try {
          await body();
        } catch (error) {
          failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        }
      }
      return { passed: cases.length - failures.length, failures };
    },
  };
};
