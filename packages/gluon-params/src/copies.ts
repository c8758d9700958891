import { Cell, type Context, type Tensor, zeros } from '@matheron/core-tensor';
import { type GradReq, markCell, unmarkCell } from '@matheron/autograd';
import { RowGradient } from './row-gradient.ts';

/** What a parameter holds on one context: its data and, unless `gradReq` is null, the gradient that backward writes. */
export class Copy {
  readonly ctx: Context;
  readonly data: Cell;
  #gradient: Cell | RowGradient | undefined;
  /** The gradient's version when it was last used or cleared: another one is a fresh gradient. */
  #seen = 0;
  constructor(ctx: Context, value: Tensor) {
    this.ctx = ctx;
    this.data = new Cell(value);
  }
  get gradient(): Cell | RowGradient | undefined {
    return this.#gradient;
  }
  /** A new gradient of zeros, marked as what backward writes; none for 'null'. */
  mark(gradReq: GradReq, sparse: boolean): void {
    if (this.#gradient) unmarkCell(this.data);
    this.#gradient = undefined;
    if (gradReq === 'null') return;
    const { shape, dtype } = this.data.peek();
    this.#gradient = sparse ? new RowGradient(this.ctx, shape, dtype) : new Cell(zeros(shape, { ctx: this.ctx, dtype }));
    this.settle();
    markCell(this.data, gradReq, this.#gradient);
  }
  /** Whether a backward has written the gradient since the last `settle`. */
  get fresh(): boolean {
    return this.#gradient !== undefined && this.#gradient.version !== this.#seen;
  }
  /** Marks the present gradient as used. */
  settle(): void {
    if (this.#gradient) this.#seen = this.#gradient.version;
  }
  /** Zeros the gradient; freshness stays as it is. */
  zero(): void {
    if (!this.#gradient) return;
    const wasFresh = this.fresh;
    if (this.#gradient instanceof RowGradient) this.#gradient.zero();
    else this.#gradient.write(zeros(this.#gradient.peek().shape, { ctx: this.ctx, dtype: this.#gradient.peek().dtype }));
    if (!wasFresh) this.settle();
  }
}
