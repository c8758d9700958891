// The types that @matheron/gp/plot promises to export.
export type {
  PlotOptions,
} from '@matheron/gp/plot';
