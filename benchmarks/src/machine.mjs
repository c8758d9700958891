import { cpus, release, totalmem, type } from 'node:os';

/** What the figures were taken on. */
export function describeMachine() {
  const [first] = cpus();
  return { cpu: first?.model.trim() ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), os: `${type()} ${release()}`, node: process.version, v8: process.versions.v8 };
}
