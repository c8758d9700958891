import { type Shape, NotPositiveDefiniteError } from '@matheron/core-tensor';
import { GPError } from '@matheron/gp-kernels';

/** A prediction was asked of a model without a posterior. */
export class NotFittedError extends GPError {
  constructor(caller: string) {
    super('not-fitted', `${caller}: the model has no posterior yet; call await model.fit(X, y), or await model.recomputeStates(X, y) to keep its hyperparameters`);
  }
}

/** NaN or Infinity in data: how many, and in which rows (counted from 0, at most 20 listed). */
export class NonFiniteDataError extends GPError {
  readonly argument: string;
  readonly count: number;
  readonly rows: readonly number[];
  constructor(argument: string, count: number, rows: readonly number[]) {
    const shown = rows.slice(0, 20);
    super('non-finite-data', `${argument} has ${count} value${count === 1 ? '' : 's'} that ${count === 1 ? 'is' : 'are'} NaN or infinite, in row${rows.length === 1 ? '' : 's'} ${shown.join(', ')}${rows.length > 20 ? ', …' : ''}; drop or repair ${rows.length === 1 ? 'it' : 'them'} first`);
    this.argument = argument;
    this.count = count;
    this.rows = shown;
  }
}

/** Two rows of X and their Euclidean distance. */
export interface ClosestRows { readonly rows: readonly [number, number]; readonly distance: number }

/**
 * K + noise has no Cholesky factor, also with the largest jitter. `nonFinite` counts NaN and infinite covariances, with the rows they are in;
 * `closestRows` are the most similar points.
 */
export class FactorizationError extends GPError {
  readonly pivot: number;
  readonly jitter: number;
  readonly closestRows: ClosestRows | undefined;
  readonly nonFinite: { readonly count: number; readonly rows: readonly number[] };
  constructor(detail: { pivot: number; jitter: number; shape: Shape; closestRows?: ClosestRows | undefined; nonFinite?: { count: number; rows: readonly number[] } }) {
    const { pivot, jitter, shape, closestRows, nonFinite = { count: 0, rows: [] } } = detail;
    const what = nonFinite.count > 0
      ? `the covariance matrix [${shape.join(', ')}] has ${nonFinite.count} values that are NaN or infinite, in rows ${nonFinite.rows.slice(0, 10).join(', ')}; check the inputs and the hyperparameters`
      : `the covariance matrix [${shape.join(', ')}] is not positive definite at pivot ${pivot} with up to ${jitter} added to the diagonal`;
    const close = closestRows && nonFinite.count === 0
      ? `; the closest rows are ${closestRows.rows[0]} and ${closestRows.rows[1]}, ${closestRows.distance === 0 ? 'equal' : `${closestRows.distance} apart`}: raise the noise variance, or merge them`
      : '';
    super('factorization', what + close, { cause: new NotPositiveDefiniteError(pivot, { jitter, size: shape.at(-1) ?? 0 }) });
    this.pivot = pivot;
    this.jitter = jitter;
    this.closestRows = closestRows;
    this.nonFinite = nonFinite;
  }
}
