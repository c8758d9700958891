/** The part of tfjs-node's native binding that is used here. It is public but not documented, so it is probed before use. */
export interface Binding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): { readonly id: number; readonly shape: readonly number[]; readonly dtype: number }[];
  getNumOfTensors(): number;
}
export interface OpAttribute { readonly name: string; readonly type: number; readonly value: number | boolean }

/** TensorFlow's numbers of the dtypes, and of the one that carries the bits of float64. */
export const typeNumbers = { float32: 1, float64: 2, int32: 3, bool: 10 } as const;
export const INT64 = 9;
