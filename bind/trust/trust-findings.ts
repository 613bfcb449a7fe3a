import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { type Condition, hasVariable, type Statement } from '../../sts/policy-document.ts';
import { isAboutAction } from '../../sts/trust-policy.ts';
import { readStatement } from './covers-entry.ts';
import { canBeSubject, describeSubject, SUBJECT_PREFIX } from './describe-subject.ts';
import { withoutMisspeltKeys } from './misspelt-keys.ts';
import { isOfIssuer, statementsOf } from './trust-policy-parts.ts';
import { WEB_IDENTITY_ACTION } from './trust-statement.ts';

/** A part of a trust policy that lets in too many, or nobody. */
export interface TrustFinding {
  readonly code:
    | 'LITERAL_WILDCARD'
    | 'MISSPELT_KEY'
    | 'IMPOSSIBLE_SUBJECT'
    | 'NO_AUDIENCE'
    | 'NO_SUBJECT'
    | 'WILDCARD_SUBJECT'
    | 'WILDCARD_AUDIENCE'
    | 'UNREADABLE_STATEMENT';
  /** `Sid`, or `Statement[0]`. */
  readonly statement: string;
  /** One sentence: who gets in, or the reason why nobody does. */
  readonly text: string;
}

/**
 * Returns what deserves a look among the statements of a trust policy that let in tokens of an issuer.
 * @param policy JSON value
 */
export function trustFindings(policy: unknown, issuer: string): readonly TrustFinding[] {
  return statementsOf(asObject(policy)).flatMap((raw, at) => {
    if (!isOfIssuer(raw, issuer)) return [];
    const { rest, misspelt } = withoutMisspeltKeys(raw);
    const statement = readStatement(rest);
    const name = statement?.name.replace('Statement[0]', `Statement[${at}]`) ?? `Statement[${at}]`;
    if (!statement) {
      const text = 'has elements that podrole does not know, so this does not say who gets in by it';
      return [{ code: 'UNREADABLE_STATEMENT', statement: name, text }];
    }
    if (!isWebIdentityAllow(statement)) return [];
    // Whatever else it says, a statement that demands an absent key lets in nobody.
    const isDead = misspelt.some(({ outcome }) => outcome === 'no');
    return [
      ...misspelt.map(({ key }) => misspeltKey(name, key, issuer)),
      ...(isDead ? [] : findingsOf({ ...statement, name }, issuer)),
    ];
  });
}

function isWebIdentityAllow(statement: Statement): boolean {
  return statement.effect === 'Allow' && isAboutAction(statement, WEB_IDENTITY_ACTION);
}

function misspeltKey(statement: string, key: string, issuer: string): TrustFinding {
  const claim = key.slice(key.lastIndexOf(':') + 1);
  const text = `has a condition on ${key}, which no token has: the key is ${issuerHostPath(issuer)}:${claim}`;
  return { code: 'MISSPELT_KEY', statement, text };
}

const LITERAL = 'treats * and ? literally; use StringLike for wildcards';

function findingsOf({ name, conditions }: Statement, issuer: string): readonly TrustFinding[] {
  const key = issuerHostPath(issuer).toLowerCase();
  const about = (claim: string) =>
    conditions.filter(
      (condition) => condition.key.toLowerCase() === `${key}:${claim}` && isPositive(condition),
    );
  const findings: TrustFinding[] = [];
  const report = (code: TrustFinding['code'], text: string) => findings.push({ code, statement: name, text });
  const subjects = about('sub');
  const audiences = about('aud');
  if (audiences.length === 0)
    report(
      'NO_AUDIENCE',
      `has no condition on ${key}:aud: tokens for any of the provider's client IDs get in`,
    );
  if (subjects.length === 0)
    report('NO_SUBJECT', `has no condition on ${key}:sub: every ServiceAccount of the cluster gets in`);
  for (const pattern of audiences
    .filter(isPatternCondition)
    .flatMap(({ expected }) => expected.filter(hasWildcard))) {
    report('WILDCARD_AUDIENCE', `lets in tokens for every client ID of the provider that matches ${pattern}`);
  }
  for (const { operator, expected: all } of subjects) {
    const isLike = operator.comparison === 'StringLike';
    for (const subject of all.filter(hasVariable)) {
      const text = `compares ${key}:sub with ${subject}, so this does not say who gets in by it`;
      report('UNREADABLE_STATEMENT', text);
    }
    const expected = all.filter((subject) => !hasVariable(subject));
    for (const subject of expected) {
      const text = operator.comparison.endsWith('IgnoreCase') ? subject.toLowerCase() : subject;
      if ((hasWildcard(subject) && !isLike) || canBeSubject(text)) continue;
      const form = `${SUBJECT_PREFIX}NAMESPACE:NAME`;
      report(
        'IMPOSSIBLE_SUBJECT',
        `lets nobody in by ${subject}: the subject of a ServiceAccount is ${form}`,
      );
    }
    for (const pattern of expected.filter(hasWildcard)) {
      if (!isLike) report('LITERAL_WILDCARD', `lets nobody in by ${pattern}: ${operator.name} ${LITERAL}`);
      else if (canBeSubject(pattern)) report('WILDCARD_SUBJECT', `lets in ${describeSubject(pattern)}`);
    }
  }
  return findings;
}

function isPositive({ operator }: Condition): boolean {
  return operator.comparison.startsWith('String') && !operator.comparison.startsWith('StringNot');
}

function isPatternCondition({ operator }: Condition): boolean {
  return operator.comparison === 'StringLike';
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}
