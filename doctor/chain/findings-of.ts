import { printable } from '../../lib/text/printable.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { FindingCode } from '../explanations/finding-code.ts';
import type { Reading } from '../facts/reading.ts';
import type { LinkId } from '../link-ids.ts';
import type { Finding, Remedy } from './finding.ts';

/** Parts of a finding that needs attention; see Finding. */
export interface Trouble {
  readonly object: string;
  readonly expected: string;
  readonly found: string;
  readonly remedy: Remedy;
  readonly details?: readonly string[];
}

/**
 * Makes the findings of one link. Texts of tenants and servers become printable, and lose what looks like a
 * secret.
 */
export function findingsOf(link: LinkId) {
  const make = (
    state: Finding['state'],
    code: FindingCode | undefined,
    parts: Partial<Trouble>,
  ): Finding => ({
    link,
    state,
    code,
    object: safe(parts.object ?? ''),
    expected: safe(parts.expected ?? ''),
    found: safe(parts.found ?? ''),
    remedy: parts.remedy && {
      text: printable(parts.remedy.text),
      commands: parts.remedy.commands.map((command) => printable(command)),
    },
    details: (parts.details ?? []).map(safe),
  });
  return {
    ok: (object: string, found: string, details: readonly string[] = []) =>
      make('ok', undefined, { object, found, details }),
    broken: (code: FindingCode, trouble: Trouble) => make('broken', code, trouble),
    warning: (code: FindingCode, trouble: Trouble) => make('warning', code, trouble),
    /** @param reading one that has no value */
    unknown: (object: string, reading: Exclude<Reading<unknown>, { state: 'read' }>) =>
      make('unknown', undefined, { object, found: whyUnread(reading), ...remedyOf(reading) }),
  };
}

const NOT_ASKED = 'was not asked for: ';

/** Returns true for a link that nobody tried to read. An audit, for example, makes no live call. */
export function wasNotAsked({ state, found }: Finding): boolean {
  return state === 'unknown' && found.startsWith(NOT_ASKED);
}

function safe(text: string): string {
  return printable(redactSecrets(text));
}

function whyUnread(reading: Exclude<Reading<unknown>, { state: 'read' }>): string {
  if (reading.state === 'absent') return 'does not exist';
  if (reading.state === 'denied') return `may not be read with these credentials: ${reading.said}`;
  return reading.state === 'failed' ? `could not be read: ${reading.said}` : `${NOT_ASKED}${reading.why}`;
}

function remedyOf(reading: Reading<unknown>): Pick<Partial<Trouble>, 'remedy'> {
  if (reading.state === 'denied')
    return { remedy: { text: `to judge it, you need this right: ${reading.needs}`, commands: [] } };
  const remedy = reading.state === 'failed' ? reading.remedy : undefined;
  return remedy === undefined ? {} : { remedy: { text: `to judge it, ${remedy}`, commands: [] } };
}
