// The types that @matheron/compiler promises to export.
export type {
  Compiled,
  Explanation,
} from '@matheron/compiler';
