import type { Attributes, Kind, Tensor } from '@matheron/core-tensor';
import type { RowUpdates } from './rows.ts';

/** The gradient of one input: at hand, as rows, computed when asked for, or none. */
export type Contribution = Tensor | RowUpdates | (() => Tensor) | undefined;

/**
 * From the gradients of the outputs (undefined for one that nothing depends on; the first is there when it is the only output), the
 * inputs and the outputs to the gradients of the inputs. All tensors are of one level, on which the rule computes.
 */
export type KindRule<K extends Kind> = (g: readonly (Tensor | undefined)[], x: readonly Tensor[], y: readonly Tensor[], at: Attributes[K]) => readonly Contribution[];
