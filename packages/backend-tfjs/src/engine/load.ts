import { BackendUnavailableError } from '@matheron/core-tensor';
import type { EngineName } from './profiles.ts';
import type { TfModule } from './tf-module.ts';

/** Written out, so that bundlers see which packages may be wanted. */
const packages: Readonly<Record<EngineName, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
};

/** tfjs-core with the engine registered and started. BackendUnavailableError where a package is missing or the engine doesn't start. */
export async function loadEngine(engine: EngineName): Promise<TfModule> {
  const wanted = ['@tensorflow/tfjs-core', `@tensorflow/tfjs-backend-${engine}`];
  let tf: TfModule;
  try {
    const core: unknown = await import('@tensorflow/tfjs-core');
    tf = unwrapped(core);
    await packages[engine]();
  } catch (cause) {
    throw new BackendUnavailableError(`tfjs-${engine}`, 'its packages can\'t be loaded', `install them: npm install ${wanted.join(' ')}`, wanted, { cause });
  }
  if (engine === 'webgl') {
    // Half floats would make float32 a promise that isn't kept.
    tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', true);
    tf.env().set('WEBGL_FORCE_F16_TEXTURES', false);
  }
  const started = await tf.setBackend(engine).catch((cause: unknown) => cause);
  if (started !== true) {
    throw new BackendUnavailableError(`tfjs-${engine}`, `the engine doesn't start here`, remedies[engine], wanted, { cause: started });
  }
  await tf.ready();
  return tf;
}

const remedies: Readonly<Record<EngineName, string>> = {
  cpu: 'check that one version of @tensorflow/tfjs-core is installed',
  wasm: 'serve the .wasm files of @tensorflow/tfjs-backend-wasm and name their folder with its setWasmPaths',
  webgl: 'use a browser with WebGL 2, or the cpu or wasm engine',
  webgpu: 'use a browser with WebGPU, or the webgl engine',
};

/** In Node, CommonJS packages arrive under `default`. */
function unwrapped(module: unknown): TfModule {
  const candidate = module as TfModule & { default?: TfModule };
  return typeof candidate.engine === 'function' ? candidate : candidate.default!;
}
