import { AssertionError } from 'node:assert';
import { Session } from 'node:inspector/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { countBuiltInWork } from './built-in-work.ts';

/** Work of a call, counted instead of timed, so that every run and every machine gives the same number. */
interface Steps {
  /** Executed blocks of the counted sources: bodies of functions and loops, and branches. */
  readonly blocks: number;
  /** Elements and characters that built-in operations visited, such as `includes`, `slice` and a spread. */
  readonly builtIn: number;
  /** Sum of both. */
  readonly total: number;
}

interface StepCountOptions {
  /** Selects the scripts that count, by URL; default: podrole's own sources, without libraries and tests. */
  readonly counts?: (url: string) => boolean;
}

const ROOT = pathToFileURL(fileURLToPath(new URL('../..', import.meta.url))).href;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
// Before any function of the sources is called: V8 counts blocks only in functions that it compiles later.
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * Counts the steps of a call. The work of the regular expression engine is not included (see
 * linear-patterns.test.ts), nor is the work of a library, unless `counts` selects it. Nothing else may run at
 * the same time.
 */
export async function countSteps(call: () => unknown, options: StepCountOptions = {}): Promise<Steps> {
  const { counts = isOwnSource } = options;
  await session.post('Profiler.takePreciseCoverage');
  const { elements } = await countBuiltInWork(call);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let blocks = 0;
  for (const { url, functions } of result) {
    if (!counts(url)) continue;
    for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
  }
  return { blocks, builtIn: elements, total: blocks + elements };
}

/**
 * Fails unless the steps of a call grow linearly with the size of its input. The test compares four sizes by
 * the steps that each adds, so that constant costs do not count: twice as many if linear, four times if
 * quadratic.
 * @param prepare creates the input of a size, and returns the call to count
 * @example
 * await assertLinear((size) => { const text = 'a'.repeat(size); return () => parse(text); });
 */
export async function assertLinear(
  prepare: (size: number) => () => unknown,
  { size = 500, ...options }: StepCountOptions & { readonly size?: number } = {},
): Promise<void> {
  await countSteps(prepare(size), options);
  // V8 sometimes counts a loop twice while it compiles it again. Work that grows too fast does so each time.
  let figures: string | undefined;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    figures = await fastGrowth(prepare, size, options);
    if (figures === undefined) return;
  }
  throw new AssertionError({ message: `faster than linear: ${figures}` });
}

/** Returns the steps at four sizes if they grow faster than linearly. */
async function fastGrowth(
  prepare: (size: number) => () => unknown,
  size: number,
  options: StepCountOptions,
): Promise<string | undefined> {
  const totals: number[] = [];
  for (const factor of [1, 2, 4, 8]) totals.push((await countSteps(prepare(factor * size), options)).total);
  const [one = 0, two = 0, four = 0, eight = 0] = totals;
  const figures = `steps at sizes ${size}, ${2 * size}, ${4 * size}, ${8 * size}: ${totals.join(', ')}`;
  // A call has no growth to compare if it adds less than half a step per unit, or less than a tenth of all
  // steps.
  const grows = eight - one > size / 2 && eight > 1.1 * one;
  const isFast = grows && (four - two > 2.6 * (two - one) || eight - four > 2.6 * (four - two));
  return isFast ? figures : undefined;
}

/** Selects the shipped sources of this checkout. */
export function isOwnSource(url: string): boolean {
  if (!url.startsWith(ROOT)) return false;
  const path = url.slice(ROOT.length);
  return !/(^|\/)node_modules\/|^(testing|e2e|bench)\/|\.test\.ts$/.test(path);
}
