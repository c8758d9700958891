// The types that @matheron/backend-native promises to export.
export type {
  BlasInfo,
} from '@matheron/backend-native';
