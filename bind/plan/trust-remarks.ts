import { asObject, asText } from '../../lib/json/json.ts';
import { describeCondition, type StatementResult } from '../../sts/trust-policy.ts';
import { furtherConditions, hasCondition, namesEntry, readStatement } from '../trust/covers-entry.ts';
import { judgeEntry } from '../trust/judge-entry.ts';
import type { TrustOptions } from '../trust/merge-trust-policy.ts';
import { narrowedFor } from '../trust/narrowed-for.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import { entrySid } from '../trust/trust-statement.ts';

/** Remarks about how a trust policy treats the tokens that were asked for. */
interface TrustRemarks {
  readonly notes: readonly string[];
  /** Tokens that were asked for and stay out, or get in without the conditions that were asked for. */
  readonly notDone: readonly string[];
}

/**
 * Says what narrows or denies the tokens of the entries in a trust policy as it will be, and what of that
 * `--widen-trust` removes.
 */
export function trustRemarks(
  role: string,
  before: unknown,
  after: unknown,
  options: TrustOptions,
): TrustRemarks {
  const remarks = options.trustEntries.map((entry) => remarksOn(entry, before, after, options));
  const named = (line: string) => `role ${role}: ${line}`;
  return {
    notes: remarks.flatMap(({ notes }) => notes.map(named)),
    notDone: remarks.flatMap(({ notDone }) => notDone.map(named)),
  };
}

function remarksOn(
  entry: TrustEntry,
  before: unknown,
  after: unknown,
  { widen = false, now }: TrustOptions,
): TrustRemarks {
  const { subject, isPattern } = entry;
  const sid = entrySid(entry);
  const own = statementWith(sid, after);
  const { outcome, statements } = judgeEntry(after, entry, now);
  const notes = [
    ...(own === undefined ? aroundNotes(entry, after) : ownNotes(entry, own, sid)),
    ...(widen ? widenedNotes(entry, statementWith(sid, before), sid) : []),
    ...statements
      .filter(({ effect, outcome: found }) => effect === 'Deny' && found === 'restricted')
      .map((deny) => `${deny.name} of its trust policy may deny ${subject}: ${reasonsOf(deny)}`),
  ];
  const notDone =
    outcome === 'no' && !isPattern
      ? [`the trust policy does not let in ${subject}: ${refusalOf(sid, statements)}`]
      : withoutAsked(entry, after, statements);
  return { notes, notDone };
}

/** Statements of others that let the tokens in under conditions only, so that podrole adds none. */
function aroundNotes(entry: TrustEntry, after: unknown): readonly string[] {
  return statementsOf(asObject(after)).flatMap((raw, at) => {
    const narrowed = narrowedFor(raw, entry);
    if (!narrowed) return [];
    const name = asText(asObject(raw)?.['Sid']) || `Statement[${at}]`;
    const conditions = narrowed.join('; ');
    return [
      `${name} of its trust policy lets in ${entry.subject} only under conditions (${conditions}), so podrole adds no statement that bypasses them; give --widen-trust to add one`,
    ];
  });
}

/** Conditions of podrole's own statement that this run does not ask for. */
function ownNotes(entry: TrustEntry, own: unknown, sid: string): readonly string[] {
  const extra = furtherOf(own, entry);
  return extra.length === 0
    ? []
    : [
        `${sid} of its trust policy keeps conditions that this run does not ask for: ${extra.join('; ')}; give --widen-trust to remove them`,
      ];
}

function widenedNotes(entry: TrustEntry, before: unknown, sid: string): readonly string[] {
  const extra = furtherOf(before, entry);
  return extra.length === 0
    ? []
    : [`WIDENED: ${sid} of its trust policy loses conditions: ${extra.join('; ')}`];
}

function furtherOf(raw: unknown, entry: TrustEntry): readonly string[] {
  const statement = readStatement(raw);
  if (!statement) return [];
  const asked = new Set(
    (entry.conditions ?? []).map(({ operator, key }) => `${operator} ${key.toLowerCase()}`),
  );
  return furtherConditions(statement, entry)
    .filter(({ operator, key }) => !asked.has(`${operator.name} ${key.toLowerCase()}`))
    .map(({ operator, key, expected }) => `${operator.name} ${key}=${expected.join(',')}`);
}

/** The conditions that were asked for have no effect, or are missing. */
function withoutAsked(
  entry: TrustEntry,
  after: unknown,
  statements: readonly StatementResult[],
): readonly string[] {
  const { conditions = [], subject } = entry;
  if (conditions.length === 0) return [];
  const isAsked = statementsOf(asObject(after)).map((raw) => {
    const statement = readStatement(raw);
    return (
      statement !== undefined &&
      namesEntry(statement, entry) &&
      conditions.every((condition) => hasCondition(statement, condition))
    );
  });
  const wide = statements.filter(
    ({ effect, outcome }, at) => effect === 'Allow' && outcome === 'yes' && !isAsked[at],
  );
  if (wide.length > 0) {
    const names = wide.map(({ name }) => name).join(', ');
    return [`${names} of its trust policy lets in ${subject} without the conditions that you ask for`];
  }
  return isAsked.includes(true)
    ? []
    : [`no statement of its trust policy for ${subject} has the conditions that you ask for`];
}

function statementWith(sid: string, policy: unknown): unknown {
  return statementsOf(asObject(policy)).find((raw) => asObject(raw)?.['Sid'] === sid);
}

function refusalOf(sid: string, statements: readonly StatementResult[]): string {
  const deny = statements.find(({ effect, outcome }) => effect === 'Deny' && outcome === 'yes');
  if (deny?.name === sid) return `${sid} was changed to a Deny; give --widen-trust to change it back`;
  if (deny) return `${deny.name} denies it`;
  const own = statements.find(({ name }) => name === sid);
  return own ? `${sid} does not match: ${reasonsOf(own)}` : 'no Allow statement matches';
}

function reasonsOf({ conditions, reason }: StatementResult): string {
  const failed = conditions.filter(({ outcome }) => outcome !== 'yes').map(describeCondition);
  return failed.length > 0 ? failed.join('; ') : reason;
}
