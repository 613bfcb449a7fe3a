import { AssertionError } from 'node:assert';
import { Session } from 'node:inspector/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { countBuiltInWork } from './built-in-work.ts';

/** Work of a call, counted instead of timed: the same in every run and on every machine. */
interface Steps {
  /** Blocks of the counted sources that ran: bodies of functions and of loops, branches. */
  readonly blocks: number;
  /** Elements and characters that built-in functions walked through, such as `includes`, `slice` and a spread. */
  readonly builtIn: number;
  /** Both together. */
  readonly total: number;
}

interface StepCountOptions {
  /** Which scripts count, by URL. podrole's own sources unless given; libraries and tests do not count. */
  readonly counts?: (url: string) => boolean;
}

const ROOT = pathToFileURL(fileURLToPath(new URL('../..', import.meta.url))).href;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
// Before the first function of the sources is called: V8 counts blocks only in functions that it compiles later.
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * Counts the steps that a call takes. The work of the regular expression engine is not among them (linear-patterns.test.ts
 * is about that), nor is that of a library, unless `counts` asks for its blocks. Nothing else may run meanwhile.
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
 * Fails unless the steps of a call grow with the size of its input and no faster. Four sizes are compared by how many steps each
 * adds, so what every call costs does not count: twice as many where they are linear, four times where they are quadratic.
 * @param prepare makes the input of a size, and returns the call to count
 * @example
 * await assertLinear((size) => { const text = 'a'.repeat(size); return () => parse(text); });
 */
export async function assertLinear(
  prepare: (size: number) => () => unknown,
  { size = 500, ...options }: StepCountOptions & { readonly size?: number } = {},
): Promise<void> {
  await countSteps(prepare(size), options);
  const totals: number[] = [];
  for (const factor of [1, 2, 4, 8]) totals.push((await countSteps(prepare(factor * size), options)).total);
  const [one = 0, two = 0, four = 0, eight = 0] = totals;
  const figures = `steps at sizes ${size}, ${2 * size}, ${4 * size}, ${8 * size}: ${totals.join(', ')}`;
  // Half of a step per unit, and a tenth of all steps: a call whose steps grow less has no growth to compare.
  const grows = eight - one > size / 2 && eight > 1.1 * one;
  if (grows && (four - two > 2.6 * (two - one) || eight - four > 2.6 * (four - two))) {
    throw new AssertionError({ message: `faster than linear: ${figures}` });
  }
}

/** Sources of this checkout that are shipped. */
export function isOwnSource(url: string): boolean {
  if (!url.startsWith(ROOT)) return false;
  const path = url.slice(ROOT.length);
  return !/(^|\/)node_modules\/|^(testing|e2e|bench)\/|\.test\.ts$/.test(path);
}
