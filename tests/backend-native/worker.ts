import { native } from '@matheron/backend-native';
import { parentPort, workerData } from 'node:worker_threads';
import { type Round, work } from './worker-problem.ts';

const { library, n, bad, rounds } = workerData as { library: string; n: number; bad: number; rounds: number };
const ctx = native({ library, threads: 2 });
const results: Round[] = [];
for (let k = 0; k < rounds; k++) results.push(work(ctx, n, bad + k));
parentPort!.postMessage(results);
