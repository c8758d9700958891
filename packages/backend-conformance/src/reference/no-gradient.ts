/** A kind without a gradient, and why. */
export interface NoGradient {
  readonly none: string;
}

export const boolResult: NoGradient = { none: 'its result is bool' };
