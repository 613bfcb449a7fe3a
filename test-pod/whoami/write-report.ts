import { writeFile } from 'node:fs/promises';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import type { WhoamiReport } from '../report.ts';

/** kubelet reads no more of a termination message. [k8s] TerminationMessagePath */
const MAX_REPORT_BYTES = 4_096;

/**
 * Writes the report as one line of JSON that fits into a termination message. Long strings are cut.
 * @throws PodroleError `NOT_WRITTEN`
 */
export function writeReport(file: string, report: WhoamiReport): Promise<void> {
  return writeLine(file, shortReport(report));
}

/** @throws PodroleError `NOT_WRITTEN` */
export async function writeLine(file: string, line: string): Promise<void> {
  try {
    await writeFile(file, line);
  } catch (thrown) {
    const remedy = 'name a file that this process may write';
    const fault = {
      code: 'NOT_WRITTEN',
      object: `--report-file ${file}`,
      problem: messageOf(thrown),
      remedy,
    } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
}

/** Returns the JSON with the longest strings that fit. */
function shortReport(report: WhoamiReport): string {
  const fits = [1_000, 500, 200, 80, 20]
    .map((length) => JSON.stringify(report, (_key, value) => cut(value, length)))
    .find((json) => Buffer.byteLength(json) <= MAX_REPORT_BYTES);
  return fits ?? JSON.stringify({ steps: [], notes: [], faults: report.faults.slice(0, 1).map(codeOnly) });
}

function cut(value: unknown, length: number): unknown {
  return typeof value === 'string' && value.length > length ? `${value.slice(0, length)}…` : value;
}

function codeOnly(fault: object): object {
  return { ...asObject(fault), object: '', problem: 'the report is too long', remedy: '' };
}
