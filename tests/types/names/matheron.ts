// The types that matheron promises to export.
export type {
  BackendName,
  Config,
} from 'matheron';
