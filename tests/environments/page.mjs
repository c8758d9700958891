// The page: runs the suite and leaves the result where the test reads it.
import { runSuite } from './suite.mjs';

/** @type {Window & { suite?: Promise<unknown> }} */
const page = window;
page.suite = runSuite();
