import { asArray, asObject, asText } from '../lib/json/json.ts';
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

/** Reads a termination message; undefined if it is not a report, as from an image without whoami. */
export function parseReport(message: string): ReadReport | undefined {
  let report: ReturnType<typeof asObject>;
  try {
    report = asObject(JSON.parse(message));
  } catch {
    return undefined;
  }
  const steps = asArray(report?.['steps']);
  if (!report || !steps) return undefined;
  const text = (value: unknown) => asText(value) ?? '';
  const identity = asObject(report['identity']);
  const fault = asObject(asArray(report['faults'])?.[0]);
  const [role, sessionName] = [asText(identity?.['role']), asText(identity?.['sessionName'])];
  return {
    steps: steps.map(asObject).map((step) => ({
      name: text(step?.['name']),
      state: step?.['state'] === 'ok' ? 'ok' : 'failed',
      ms: Number(step?.['ms'] ?? 0),
      detail: text(step?.['detail']),
    })),
    identity: identity && {
      arn: text(identity['arn']),
      account: text(identity['account']),
      ...(role !== undefined && { role }),
      ...(sessionName !== undefined && { sessionName }),
    },
    expiration: asText(report['expiration']),
    notes: (asArray(report['notes']) ?? []).flatMap((note) => asText(note) ?? []),
    fault: fault && {
      code: text(fault['code']),
      object: text(fault['object']),
      problem: text(fault['problem']),
      remedy: text(fault['remedy']),
    },
  };
}
