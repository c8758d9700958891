/** Where a command writes: stdout for results, stderr for progress. */
export interface Output {
  /** Writes text as it is, without a line break. */
  write(s: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Progress of a fit. */
export interface FitProgress {
  readonly restart: number;
  readonly restarts: number;
  readonly iteration: number;
  readonly value: number;
  readonly elapsedSeconds: number;
}

/** One line that is rewritten on a terminal; elsewhere a plain line every two seconds and at each restart. */
export class ProgressLine {
  readonly #out: Output;
  #last = -Infinity;
  #restart = -1;
  #shown = false;
  constructor(out: Output) {
    this.#out = out;
  }
  update(p: FitProgress): void {
    const text = `start ${p.restart + 1} of ${p.restarts}, iteration ${p.iteration}: criterion ${p.value.toFixed(4)}, ${p.elapsedSeconds.toFixed(1)} s`;
    const now = p.elapsedSeconds;
    if (this.#out.isTTY) {
      if (now - this.#last < 0.05 && p.restart === this.#restart) return;
      this.#out.write(`\r\u001B[2K${text.slice(0, (this.#out.columns ?? 80) - 1)}`);
      this.#shown = true;
    } else {
      if (now - this.#last < 2 && p.restart === this.#restart) return;
      this.#out.write(`${text}\n`);
    }
    this.#last = now;
    this.#restart = p.restart;
  }
  /** Leaves the terminal's line. */
  end(): void {
    if (this.#shown) this.#out.write('\r\u001B[2K');
    this.#shown = false;
  }
}
