// layers over whole sequences
export { GRU, type LayerOptions, LSTM, type LSTMOptions, RNN, type RNNOptions } from './layers.ts';

// cells
export { type BeginStateOptions, RecurrentCell, RecurrentCell as HybridRecurrentCell, type StateInfo, type UnrollOptions } from './recurrent-cell.ts';
export { type CellActivation, type CellOptions, type GateOptions, GRUCell, LSTMCell, LSTMPCell, type LSTMPCellOptions, RNNCell, type RNNCellOptions } from './cells.ts';
export { BidirectionalCell, HybridSequentialRNNCell, SequentialRNNCell } from './containers.ts';
export {
  DropoutCell, type DropoutCellOptions, ModifierCell, ResidualCell, VariationalDropoutCell, type VariationalDropoutCellOptions, ZoneoutCell, type ZoneoutCellOptions,
} from './modifiers.ts';
export type { SequenceLayout } from './sequence.ts';
