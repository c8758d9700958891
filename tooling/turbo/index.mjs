// pnpm turbo run build test --affected: turbo with its telemetry off, and its cache in the repository.
import { spawnSync } from 'node:child_process';
import { root } from '../workspace/index.mjs';

const { status } = spawnSync('turbo', process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
});
process.exit(status ?? 1);
