import { vi } from 'vitest';
import { onNative } from './stand-in.ts';

vi.mock('@matheron/backend-cpu', async (original) => (await import('./stand-in.ts')).standIn(await original<object>()));

await onNative(
  () => import('../../packages/gp/test/gpautograd-posterior.test.ts'),
  () => import('../../packages/gp/test/gpautograd-behaviour.test.ts'),
  () => import('../../packages/gp/test/gpautograd-defects.test.ts'),
);
