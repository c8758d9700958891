import type { TypedArray } from '@matheron/core-tensor';
import type { Handle } from '../kit.ts';

/** The part of tfjs-core that is used here, stated so that our own types don't ask for an optional package. */
export interface TfTensor extends Handle {
  dispose(): void;
  data(): Promise<TypedArray>;
  dataSync(): TypedArray;
}
export interface TfEngine {
  backendName: string;
  setBackend(name: string): Promise<boolean>;
  runKernel(name: string, inputs: object, attributes?: object): TfTensor | TfTensor[];
}
export interface TfModule {
  engine(): TfEngine;
  tensor(values: TypedArray, shape: readonly number[], dtype: string): TfTensor;
  tidy<R>(fn: () => R): R;
  keep<T>(x: T): T;
  ready(): Promise<void>;
  setBackend(name: string): Promise<boolean>;
  env(): { set(flag: string, value: boolean | number): void };
}
