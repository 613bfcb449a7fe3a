import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { textOfFile } from '../../lib/files/text-of-file.ts';
import { measureJson, whyTooLarge } from '../../lib/json/json-bounds.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { compareText } from '../../lib/text/compare.ts';
import { writePlace } from '../../lib/text/write-place.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import { problemOfFacts } from './check-facts.ts';
import { FACTS_FILE, FORMAT, savedFileSchema } from './saved-file.ts';

/** More files than a large cluster has roles. */
const MAX_FILES = 10_000;
/** An error names this many wrong fields of a file; one fault leads to many. */
const MAX_FIELDS = 3;

/**
 * Reads the facts that `--save` wrote. They may come from somebody else: every file is bounded and checked.
 * @param path the folder, or one file of it
 * @throws PodroleError `UNREADABLE_FILE`, `SAVED_FACTS_INVALID`, `NOTHING_TO_JUDGE`
 */
export async function readSaved(path: string): Promise<readonly ChainFacts[]> {
  const files = await factsFiles(path);
  if (files.length === 0)
    throw fault(
      'NOTHING_TO_JUDGE',
      path,
      'holds no file that ends in .json',
      'name the folder that --save wrote',
    );
  if (files.length > MAX_FILES)
    throw fault(
      'SAVED_FACTS_INVALID',
      path,
      `holds more than ${MAX_FILES} files`,
      'split it into several folders',
    );
  const faults: Fault[] = [];
  const chains: ChainFacts[] = [];
  for (const file of files) {
    const read = await readOne(file);
    if ('problem' in read) faults.push({ code: 'SAVED_FACTS_INVALID', object: `--offline ${file}`, ...read });
    else chains.push(read.facts);
  }
  throwIfAny(faults);
  return chains;
}

async function factsFiles(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => FACTS_FILE.test(name));
    return names.sort(compareText).map((name) => join(path, name));
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

type Read = { readonly facts: ChainFacts } | Pick<Fault, 'problem' | 'remedy'>;

const AGAIN = 'save the facts again with this version of podrole';

async function readOne(file: string): Promise<Read> {
  const bytes = await readRegularFile(file, MAX_FILE_BYTES.configuration).catch((thrown: unknown) => {
    throw unreadable(file, thrown);
  });
  const tooLarge = whyTooLarge(measureJson(bytes));
  if (tooLarge !== undefined) return { problem: tooLarge, remedy: 'name a folder that --save wrote' };
  try {
    const parsed = savedFileSchema.safeParse(parseJson(textOfFile(bytes)));
    if (!parsed.success) return { problem: inWords(parsed.error), remedy: AGAIN };
    const { facts } = parsed.data;
    const problem = problemOfFacts(facts);
    return problem === undefined ? { facts } : { problem, remedy: AGAIN };
  } catch (thrown) {
    return { problem: messageOf(thrown), remedy: 'name a folder that --save wrote' };
  }
}

function inWords({ issues }: z.ZodError): string {
  const [first] = issues;
  if (first?.path[0] === 'format' || first?.path.length === 0) return `is not of the format ${FORMAT}`;
  const more = issues.length > MAX_FIELDS ? [`and ${issues.length - MAX_FIELDS} more fields are wrong`] : [];
  return [...issues.slice(0, MAX_FIELDS).map(issueInWords), ...more].join('; ');
}

function issueInWords(issue: z.core.$ZodIssue): string {
  const place = writePlace(issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)));
  if (issue.code === 'invalid_type') return `${place} must be ${article(issue.expected)}`;
  if (issue.code === 'invalid_value') return `${place} must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') return `${place} has none of the known forms`;
  return `${place} is wrong`;
}

function article(type: string): string {
  const noun = type === 'record' ? 'object' : type;
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function unreadable(path: string, cause: unknown): PodroleError {
  const remedy = 'name a folder that --save wrote, and that you may read';
  return fault('UNREADABLE_FILE', path, messageOf(cause), remedy, cause);
}

function fault(
  code: Fault['code'],
  path: string,
  problem: string,
  remedy: string,
  cause?: unknown,
): PodroleError {
  return new PodroleError({ code, object: `--offline ${path}`, problem, remedy }, { cause });
}
