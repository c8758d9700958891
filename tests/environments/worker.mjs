// A worker of the page: runs the suite on threads and posts the result.
import { runThreads } from './threads.mjs';

runThreads().then(postMessage, (error) => postMessage({ passed: 0, failures: [String(error.stack ?? error)] }));
