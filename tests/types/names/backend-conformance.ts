// The types that @matheron/backend-conformance promises to export.
export type {
  Exception,
} from '@matheron/backend-conformance';
