/** What the order of steps depends on: positions of the buffers that are read and written. */
export interface Schedulable {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** A buffer whose memory the step would take over for its result, if nobody else still needed it, and its size. */
  readonly overwrites: { readonly buffer: number; readonly size: number } | undefined;
}

/**
 * List scheduling: steps run as soon as what they read is there, in the given order, but one that would overwrite its operand waits until the
 * operand's other readers have run. Where only such steps are left, the one with the smallest copy goes first.
 */
export function orderSteps<S extends Schedulable>(steps: readonly S[]): S[] {
  const writers: number[] = [], readers: number[] = [], waitsFor: number[][] = [];
  const distinctReads = steps.map(({ reads, writes }) => {
    for (let k = 0; k < writes.length; k++) writers[writes[k]!] = (writers[writes[k]!] ?? 0) + 1;
    const distinct = reads.length > 16 ? [...new Set(reads)] : reads.filter((b, at) => reads.indexOf(b) === at);
    for (let k = 0; k < distinct.length; k++) readers[distinct[k]!] = (readers[distinct[k]!] ?? 0) + 1;
    return distinct;
  });
  const missing = distinctReads.map((reads, k) => {
    let count = 0;
    for (let q = 0; q < reads.length; q++) {
      const b = reads[q]!;
      if (writers[b] === undefined) continue;
      (waitsFor[b] ??= []).push(k);
      count++;
    }
    return count;
  });
  const ready: number[] = [];
  const insert = (k: number): void => {
    let at = ready.length;
    while (at > 0 && ready[at - 1]! > k) at--;
    ready.splice(at, 0, k);
  };
  missing.forEach((count, k) => { if (count === 0) ready.push(k); });
  const out: S[] = [];
  while (ready.length > 0) {
    let pick = ready.findIndex((k) => {
      const over = steps[k]!.overwrites;
      return !over || readers[over.buffer] === 1;
    });
    if (pick < 0) {
      pick = 0;
      for (let q = 1; q < ready.length; q++) if (steps[ready[q]!]!.overwrites!.size < steps[ready[pick]!]!.overwrites!.size) pick = q;
    }
    const [k] = ready.splice(pick, 1);
    const step = steps[k!]!;
    out.push(step);
    const own = distinctReads[k!]!;
    for (let q = 0; q < own.length; q++) readers[own[q]!]!--;
    for (let w = 0; w < step.writes.length; w++) {
      const b = step.writes[w]!, waiting = waitsFor[b];
      if (--writers[b]! > 0 || !waiting) continue;
      for (let q = 0; q < waiting.length; q++) if (--missing[waiting[q]!]! === 0) insert(waiting[q]!);
    }
  }
  return out;
}
