import type { Scheduler } from '../optimizer/optimizer.ts';
import { type CosineOptions, type FactorOptions, type MultiFactorOptions, type PolyOptions, type WarmupOptions, cosine, factor, multiFactor, poly } from './schedules.ts';

/**
 * Gluon's form of a schedule: an object whose `baseLr` may be changed. `call(numUpdate)` depends on nothing else (MXNet's keep state, and answer
 * wrongly when asked out of order).
 */
export abstract class LRScheduler {
  #baseLr: number;
  #schedule: Scheduler | undefined;
  constructor(options: WarmupOptions) {
    this.#baseLr = options.baseLr ?? 0.01;
  }
  /** Makes the schedule now, so that bad settings are reported where they are given. */
  protected check(): void {
    this.#schedule = this.make(this.#baseLr);
  }
  /** The schedule with that base rate. Errors of the settings come from here. */
  protected abstract make(baseLr: number): Scheduler;
  get baseLr(): number {
    return this.#baseLr;
  }
  set baseLr(value: number) {
    this.#schedule = this.make(value);
    this.#baseLr = value;
  }
  /** The rate after `numUpdate` updates. */
  call(numUpdate: number): number {
    return (this.#schedule ??= this.make(this.#baseLr))(numUpdate);
  }
}
/** {@link factor} as an object. */
export class FactorScheduler extends LRScheduler {
  readonly #options: FactorOptions;
  constructor(options: FactorOptions) {
    super(options);
    this.#options = options;
    this.check();
  }
  protected override make(baseLr: number): Scheduler {
    return factor({ ...this.#options, baseLr });
  }
}
/** {@link multiFactor} as an object. */
export class MultiFactorScheduler extends LRScheduler {
  readonly #options: MultiFactorOptions;
  constructor(options: MultiFactorOptions) {
    super(options);
    this.#options = options;
    this.check();
  }
  protected override make(baseLr: number): Scheduler {
    return multiFactor({ ...this.#options, baseLr });
  }
}
/** {@link poly} as an object. */
export class PolyScheduler extends LRScheduler {
  readonly #options: PolyOptions;
  constructor(options: PolyOptions) {
    super(options);
    this.#options = options;
    this.check();
  }
  protected override make(baseLr: number): Scheduler {
    return poly({ ...this.#options, baseLr });
  }
}
/** {@link cosine} as an object. */
export class CosineScheduler extends LRScheduler {
  readonly #options: CosineOptions;
  constructor(options: CosineOptions) {
    super(options);
    this.#options = options;
    this.check();
  }
  protected override make(baseLr: number): Scheduler {
    return cosine({ ...this.#options, baseLr });
  }
}
