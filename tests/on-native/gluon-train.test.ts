import { vi } from 'vitest';
import { onNative } from './stand-in.ts';

vi.mock('@matheron/backend-cpu', async (original) => (await import('./stand-in.ts')).standIn(await original<object>()));

await onNative(
  () => import('../../packages/gluon-train/test/optimizers.test.ts'),
  () => import('../../packages/gluon-train/test/trainer.test.ts'),
  () => import('../../packages/gluon-train/test/train.test.ts'),
);
