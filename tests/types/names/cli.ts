// The types that @matheron/cli promises to export.
export type {
  Report,
} from '@matheron/cli';
