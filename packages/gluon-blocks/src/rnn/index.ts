// layers over whole sequences
export { GRU, type LayerOptions, LSTM, type LSTMOptions, RNN, type RNNOptions } from './layers.ts';

// cells
export { type BeginStateOptions, RecurrentCell, RecurrentCell as HybridRecurrentCell, type StateInfo, type UnrollOptions } from './recurrent-cell.ts';
export { type CellActivation, type CellOptions, type GateOptions, GRUCell, LSTMCell, LSTMPCell, type LSTMPCellOptions, RNNCell, type RNNCellOptions } from './cells.ts';
export {
  Conv1DGRUCell, Conv1DLSTMCell, Conv1DRNNCell, Conv2DGRUCell, Conv2DLSTMCell, Conv2DRNNCell, Conv3DGRUCell, Conv3DLSTMCell, Conv3DRNNCell, type ConvCellOptions,
} from './conv-cells.ts';
export { BidirectionalCell, HybridSequentialRNNCell, SequentialRNNCell } from './containers.ts';
export {
  DropoutCell, type DropoutCellOptions, ModifierCell, ResidualCell, VariationalDropoutCell, type VariationalDropoutCellOptions, ZoneoutCell, type ZoneoutCellOptions,
} from './modifiers.ts';
export type { SequenceLayout } from './sequence.ts';
