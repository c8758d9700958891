// Every operation that is a method of Tensor is a free function too.
import type * as core from '@matheron/core-tensor';
import type { BinaryName, ReduceName, UnaryName } from '@matheron/core-tensor';

type Absent = Exclude<UnaryName | BinaryName | ReduceName, keyof typeof core>;
export const nothingIsAbsent: [Absent] extends [never] ? true : Absent = true;
