import { SUBJECT_PREFIX } from '../../../../bind/trust/describe-subject.ts';

/** Most subjects that are listed. */
const SHOWN = 5;

/**
 * Describes the subjects that a statement wants instead of that of the token, with the part that differs if
 * only one does.
 */
export function describeWrongSubject(expected: readonly string[], subject: string): string {
  const shown = expected.slice(0, SHOWN).join(' or ');
  const more = expected.length > SHOWN ? ` or ${expected.length - SHOWN} others` : '';
  const parts = expected.map((value) => differingPart(value, subject)).find((part) => part !== undefined);
  const wants = `the subject ${shown}${more}, the token has ${subject}`;
  return parts === undefined ? wants : `${wants}: ${parts}`;
}

function differingPart(expected: string, subject: string): string | undefined {
  const [namespace, name] = partsOf(subject) ?? [];
  const [otherNamespace, otherName] = partsOf(expected) ?? [];
  if (otherNamespace === undefined) {
    return expected.includes(SUBJECT_PREFIX) ? undefined : 'a subject begins with system:serviceaccount:';
  }
  if (name === otherName && namespace !== otherNamespace) return 'another namespace';
  return namespace === otherNamespace && name !== otherName ? 'another name' : undefined;
}

function partsOf(subject: string): readonly [namespace: string, name: string] | undefined {
  if (!subject.startsWith(SUBJECT_PREFIX)) return undefined;
  const [namespace, name, ...more] = subject.slice(SUBJECT_PREFIX.length).split(':');
  return namespace && name && more.length === 0 ? [namespace, name] : undefined;
}
