import { vi } from 'vitest';
import { onNative } from './stand-in.ts';

vi.mock('@matheron/backend-cpu', async (original) => (await import('./stand-in.ts')).standIn(await original<object>()));

await onNative(
  () => import('../../packages/gluon-blocks/test/layers.test.ts'),
  () => import('../../packages/gluon-blocks/test/rnn.test.ts'),
  () => import('../../packages/gluon-blocks/test/mxnet-files.test.ts'),
  () => import('../../packages/gluon-blocks/test/hybridize.test.ts'),
);
