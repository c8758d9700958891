import './default-context.ts';

export * from '@matheron/core-tensor';
export * from '@matheron/backend-cpu';
export * from '@matheron/backend-wasm';
export * from '@matheron/autograd';
export * from '@matheron/compiler';
export * from '@matheron/gluon-params';
export * from '@matheron/gluon-blocks';
export * from '@matheron/gluon-train';
export * from '@matheron/gp-kernels';
export * from '@matheron/gp';

export { type BackendName, type Config, backendNames, backendsFromText, defineConfig, loadConfig } from './config.ts';
export { configure, createContext } from './configure.ts';
export { ConfigError } from './errors.ts';
