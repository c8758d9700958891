// The types that @matheron/autograd promises to export.
export type {
  GradReq,
  Gradients,
} from '@matheron/autograd';
