import { asArray, asObject, asText } from '../lib/json/json.ts';
import { printable } from '../lib/text/printable.ts';
import type { CallerIdentity, Step } from './report.ts';

/** Report of whoami in a pod, as far as it can be read. */
export interface ReadReport {
  readonly steps: readonly Step[];
  readonly identity: CallerIdentity | undefined;
  readonly expiration: string | undefined;
  readonly notes: readonly string[];
  /** Fault of the first step that failed. */
  readonly fault:
    | { readonly code: string; readonly object: string; readonly problem: string; readonly remedy: string }
    | undefined;
}

/**
 * Limits of a report. whoami writes no more than 4 KiB, three steps and two notes. Who can write the status
 * of pods can write a megabyte.
 */
const MAX_REPORT_LENGTH = 16 * 1024;
const MAX_STEPS = 10;
const MAX_NOTES = 5;
const MAX_TEXT_LENGTH = 1_000;

/**
 * Reads a termination message; undefined if it is not a report, as from an image without whoami. Its strings
 * are safe to print.
 */
export function parseReport(message: string): ReadReport | undefined {
  if (message.length > MAX_REPORT_LENGTH) return undefined;
  let report: ReturnType<typeof asObject>;
  try {
    report = asObject(JSON.parse(message));
  } catch {
    return undefined;
  }
  const steps = asArray(report?.['steps'])?.slice(0, MAX_STEPS);
  if (!report || !steps) return undefined;
  const fault = asObject(asArray(report['faults'])?.[0]);
  return {
    steps: steps.map(asObject).map((step) => ({
      name: safe(step?.['name']) ?? '',
      state: step?.['state'] === 'ok' ? 'ok' : 'failed',
      ms: milliseconds(step?.['ms']),
      detail: safe(step?.['detail']) ?? '',
    })),
    identity: readIdentity(report['identity']),
    expiration: safe(report['expiration']),
    notes: (asArray(report['notes']) ?? []).slice(0, MAX_NOTES).flatMap((note) => safe(note) ?? []),
    fault: fault && {
      code: safe(fault['code']) ?? '',
      object: safe(fault['object']) ?? '',
      problem: safe(fault['problem']) ?? '',
      remedy: safe(fault['remedy']) ?? '',
    },
  };
}

function readIdentity(value: unknown): CallerIdentity | undefined {
  const identity = asObject(value);
  if (!identity) return undefined;
  const [role, sessionName] = [safe(identity['role']), safe(identity['sessionName'])];
  return {
    arn: safe(identity['arn']) ?? '',
    account: safe(identity['account']) ?? '',
    ...(role !== undefined && { role }),
    ...(sessionName !== undefined && { sessionName }),
  };
}

function safe(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined ? undefined : printable(text.slice(0, MAX_TEXT_LENGTH));
}

function milliseconds(value: unknown): number {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : 0;
}
