import { type BackendTensor, type Context, DTypeError, type DType, UnsupportedOperationError, allocate } from '@matheron/core-tensor';
import { Bench, type Case, type Group } from './bench.ts';
import { ConformanceError } from './compare.ts';

/**
 * A case that a backend can't pass, and why. With `tolerance` it is run with that relative tolerance; without, it must be
 * refused with UnsupportedOperationError. `case` is a full name, `group: name`, or a pattern. An exception that no case needs fails the suite.
 */
export interface Exception {
  readonly case: string | RegExp;
  readonly reason: string;
  readonly tolerance?: number;
  /** The tolerance is relative to each expected element, not to the largest of the array. */
  readonly elementwise?: boolean;
}

/** What the suites need of a test runner: vitest, Jest, Mocha and node:test have it. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => void | Promise<void>) => void;
  readonly exceptions?: readonly Exception[];
  /** The device takes subnormals as 0, as GPUs and TensorFlow do: what depends on one isn't compared, and 0 stands for a subnormal result. */
  readonly flushesSubnormals?: boolean;
}

/** Registers every case of every group; returns how many. The context is made once, in the first case that runs. */
export function register(make: () => Context | Promise<Context>, groups: readonly Group[], { describe, it, exceptions = [], flushesSubnormals = false }: Runner): { cases: number } {
  let made: Promise<Context> | undefined;
  const context = (): Promise<Context> => (made ??= Promise.resolve().then(make));
  const named = groups.flatMap((group) => group.cases.map((one) => ({ group: group.name, one, name: `${group.name}: ${one.name}` })));
  for (const group of groups) {
    describe(group.name, () => {
      for (const { one, name } of named.filter((n) => n.group === group.name)) {
        const exception = exceptions.find((e) => matches(e, name));
        it(exception ? `${one.name} (exception: ${exception.reason})` : one.name, async () => runCase(await context(), one, exception, flushesSubnormals));
      }
    });
  }
  if (exceptions.length > 0) {
    describe('exceptions', () => {
      for (const e of exceptions) {
        it(`${String(e.case)} stands for a case`, () => {
          if (!named.some(({ name }) => matches(e, name))) throw new ConformanceError(`exception ${String(e.case)} (${e.reason}) matches no case; remove it, or correct the name`);
        });
      }
    });
  }
  return { cases: named.length };
}

function matches(e: Exception, name: string): boolean {
  return typeof e.case === 'string' ? e.case === name : new RegExp(e.case.source, e.case.flags.replace(/[gy]/g, '')).test(name);
}

async function runCase(ctx: Context, one: Case, exception: Exception | undefined, flushes: boolean): Promise<void> {
  const missing = one.dtypes.find((dtype) => !ctx.backend.supports(dtype));
  if (missing) return expectDTypeRefused(ctx, missing);
  const bench = new Bench(ctx, exception?.tolerance, flushes, exception?.elementwise);
  if (exception && exception.tolerance === undefined) return expectRefused(bench, one, exception);
  await one.run(bench);
  await bench.expectOperandsUnchanged();
}

async function expectRefused(bench: Bench, one: Case, exception: Exception): Promise<void> {
  try {
    await one.run(bench);
  } catch (error) {
    if (error instanceof UnsupportedOperationError) return;
    throw error;
  }
  throw new ConformanceError(`${one.name} passes, though an exception says otherwise (${exception.reason}); remove the exception`);
}

/** A dtype that a backend lacks is refused wherever it could enter. */
function expectDTypeRefused({ backend }: Context, dtype: DType): void {
  const entries: Record<string, () => BackendTensor> = {
    upload: () => backend.upload(allocate(dtype, 2), [2], dtype),
    full: () => backend.full(1, [2], dtype),
  };
  for (const [entry, enter] of Object.entries(entries)) {
    try {
      enter();
    } catch (error) {
      if (error instanceof UnsupportedOperationError || error instanceof DTypeError) continue;
      throw error;
    }
    throw new ConformanceError(`${backend.name} says that it has no ${dtype}, but ${entry} takes it; refuse it with UnsupportedOperationError`);
  }
}
