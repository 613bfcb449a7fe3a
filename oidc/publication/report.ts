import { createTwoFilesPatch } from 'diff';
import { printable } from '../../lib/text/printable.ts';
import type { Check } from '../verify/verify-publication.ts';
import type { KeyState } from './next-key-set.ts';
import type { PublicationPlan } from './publish.ts';

export interface PublicationReport {
  readonly plan: PublicationPlan;
  /** Undefined for a dry run. */
  readonly written: readonly string[] | undefined;
  /** Undefined if it was not verified. */
  readonly checks: readonly Check[] | undefined;
}

/** Renders what was done as text. */
export function renderText({ plan, written = [], checks = [] }: PublicationReport): string {
  const { target, issuer } = plan.request;
  const lines = [
    ...plan.keys.map(describeKey),
    ...(written.length > 0
      ? written.map((path) => `wrote ${path} in ${target.name}`)
      : [`nothing to write: ${target.name} is up to date for ${issuer}`]),
    ...checks.map(({ name, outcome, finding }) => `${OUTCOMES[outcome]} ${name}: ${finding}`),
  ];
  // Key IDs are those of published documents, findings those of servers.
  return lines.map((line) => `${printable(line)}\n`).join('');
}

const OUTCOMES = { ok: 'ok    ', note: 'note  ', failed: 'FAILED' } as const;

function describeKey({ kid = '(no kid)', alg, state, keptUntil }: KeyState): string {
  const key = `key ${kid} (${alg ?? 'unknown type'})`;
  if (state === 'unserved' && keptUntil) {
    return `${key}: kept, although no longer served; --prune drops it from ${keptUntil.toISOString()} on`;
  }
  return `${key}: ${state}`;
}

/** Returns what was done, for programs. */
export function reportForPrograms({ plan, written, checks }: PublicationReport): object {
  const { target, issuer } = plan.request;
  return {
    issuer,
    jwksUri: plan.published.discovery['jwks_uri'],
    target: target.name,
    dryRun: written === undefined,
    toWrite: plan.writes.map(({ path }) => path),
    written: written ?? [],
    keys: plan.keys,
    verification: checks && {
      ok: isVerified(checks),
      checks: checks.map(({ name, outcome, finding }) => ({ name, outcome, finding })),
    },
  };
}

export function isVerified(checks: readonly Check[] | undefined): boolean {
  return checks === undefined || checks.every(({ outcome }) => outcome !== 'failed');
}

/** Renders the planned writes as a unified diff per document; empty if there are none. */
export function renderDiff({ writes }: PublicationPlan): string {
  return writes
    .map(({ path, before, document }) => {
      const patch = createTwoFilesPatch(
        before ? `a${path}` : '/dev/null',
        `b${path}`,
        before?.content ?? '',
        document.content,
      );
      // The first line is a rule of `=`, which is not part of a unified diff.
      const lines = patch.slice(patch.indexOf('--- ')).split('\n');
      return lines.map(printable).join('\n');
    })
    .join('');
}
