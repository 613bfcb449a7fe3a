import { judgeEntry } from '../../../bind/trust/judge-entry.ts';
import type { TrustEntry } from '../../../bind/trust/trust-entry.ts';
import { statementsOf } from '../../../bind/trust/trust-policy-parts.ts';
import { trustPolicyOf } from '../../../bind/trust/trust-statement.ts';
import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import { asObject } from '../../../lib/json/json.ts';
import type { TrustDecision } from '../../../sts/trust-policy.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { FindingCode } from '../../explanations/finding-code.ts';
import type { RoleFactsOfDoctor } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { audienceFlag, bindTo, replaceTrustPolicy, withStatements } from '../remedies/commands.ts';
import { NO_ISSUER, NO_ROLE, otherAccountRemedy, type Terms, termsOf } from './terms.ts';
import { impossibleExternalIds } from './trust/external-id.ts';
import { openToOthers } from './trust/open-to-others.ts';
import { conditionsOf, refusalOf } from './trust/refusal.ts';

const { ok, broken, warning, unknown } = findingsOf('trust-policy');

/** Judges whether the trust policy of the role lets in the token, and nobody else. */
export const trustPolicy: Link = {
  id: 'trust-policy',
  title: 'trust policy',
  needs: ['annotation', 'issuer', 'role'],
  judge,
};

function judge(facts: ChainFacts): readonly [Finding, ...Finding[]] {
  const terms = termsOf(facts);
  if (!terms) return [unknown('trust policy', NO_ROLE)];
  const { object, entry } = terms;
  const reading = facts.aws.role;
  if (reading.state !== 'read') {
    const remedy = otherAccountRemedy(facts, terms);
    return [{ ...unknown(object, reading), ...(remedy && { remedy }) }];
  }
  return entry ? judgePolicy(facts, terms, reading.value, entry) : [unknown(object, NO_ISSUER)];
}

function judgePolicy(
  facts: ChainFacts,
  terms: Terms,
  role: RoleFactsOfDoctor,
  entry: TrustEntry,
): readonly [Finding, ...Finding[]] {
  if (statementsOf(asObject(role.trustPolicy)).length === 0) return [unreadable(terms, role, entry)];
  const decision = judgeEntry(role.trustPolicy, entry, new Date(facts.collectedAt));
  if (decision.outcome === 'no') return [refused(facts, terms, role, decision)];
  const externalIds = impossibleExternalIds(decision);
  if (externalIds.length > 0) return [externalId(facts, terms, role, externalIds)];
  const warnings = warningsOf(terms, role, entry);
  if (decision.outcome === 'restricted') return [unchecked(facts, terms, decision), ...warnings];
  const [first, ...more] = warnings;
  if (first) return [first, ...more];
  const by = decision.statements.find(({ effect, outcome }) => effect === 'Allow' && outcome === 'yes');
  return [ok(terms.object, `lets in ${entry.subject} with audience ${entry.audience} by ${by?.name}`)];
}

function expectedOf({ subject, audience, entry }: Terms): string {
  return `has a trust policy that lets in ${subject} with audience ${audience} by ${entry?.providerArn}`;
}

function unreadable(terms: Terms, role: RoleFactsOfDoctor, entry: TrustEntry): Finding {
  return broken('TRUST_POLICY_UNREADABLE', {
    object: terms.object,
    expected: expectedOf(terms),
    found: 'has a trust policy that is not JSON, or has no statement',
    remedy: {
      text: 'replace the trust policy',
      commands: replaceTrustPolicy(role.name, trustPolicyOf([entry])),
    },
  });
}

function refused(facts: ChainFacts, terms: Terms, role: RoleFactsOfDoctor, decision: TrustDecision): Finding {
  const { object, entry } = terms;
  const { code, found, details } = entry
    ? refusalOf(role.trustPolicy, entry, decision)
    : { code: 'TRUST_POLICY_NO_STATEMENT' as const, found: '', details: [] };
  return broken(code, {
    object,
    expected: expectedOf(terms),
    found: `has a trust policy that ${found}`,
    remedy: code === 'TRUST_POLICY_DENIES' ? withoutDeny(role, decision) : addStatement(facts, role, code),
    details: details.slice(0, MAX_DETAILS),
  });
}

function addStatement(facts: ChainFacts, role: RoleFactsOfDoctor, code: FindingCode) {
  if (code === 'TRUST_POLICY_CONDITION_FAILED') {
    const text = 'correct the condition; if it is not wanted, the command adds a statement without it';
    return { text, commands: [bindTo(facts, role.arn, '--widen-trust')] };
  }
  const text =
    'add a statement for exactly this ServiceAccount; podrole leaves the other statements as they are';
  const flags = code === 'TRUST_POLICY_WRONG_AUDIENCE' ? audienceFlag(facts) : [];
  return { text, commands: [bindTo(facts, role.arn, ...flags)] };
}

/** kube2iam and kiam send an external ID by AssumeRole; the call of a web identity has no place for one. */
function externalId(
  facts: ChainFacts,
  terms: Terms,
  role: RoleFactsOfDoctor,
  conditions: readonly string[],
): Finding {
  return broken('TRUST_POLICY_EXTERNAL_ID', {
    object: terms.object,
    expected: expectedOf(terms),
    found: `demands an external ID, which AssumeRoleWithWebIdentity cannot send: ${conditions[0]}`,
    remedy: {
      text: 'add a statement without it: the subject of the token, which nobody else has, takes its place',
      commands: [bindTo(facts, role.arn, '--widen-trust')],
    },
    details: conditions.slice(0, MAX_DETAILS),
  });
}

/** A policy of AWS has fewer conditions; another server's may have any number. */
const MAX_DETAILS = 20;

function withoutDeny(role: RoleFactsOfDoctor, { statements }: TrustDecision) {
  const denies = statements.map(({ effect, outcome }) => effect === 'Deny' && outcome === 'yes');
  const names = statements.flatMap(({ name }, at) => (denies[at] ? [name] : [])).slice(0, MAX_DETAILS);
  const rest = withStatements(role.trustPolicy, (raw, at) => (denies[at] ? undefined : raw));
  return {
    text: `if ${names.join(', ')} is not meant for this ServiceAccount, exclude the ServiceAccount in its conditions; the command removes it`,
    commands: replaceTrustPolicy(role.name, rest),
  };
}

/** A condition that podrole cannot check proves nothing. The live call shows whether it holds from here. */
function unchecked({ aws: { exchange } }: ChainFacts, terms: Terms, decision: TrustDecision): Finding {
  const open = decision.statements.filter(({ outcome }) => outcome === 'restricted');
  const names = open
    .slice(0, MAX_DETAILS)
    .map(({ name }) => name)
    .join(', ');
  const details = open.flatMap((statement) => {
    const unknown = statement.conditions.filter(({ outcome }) => outcome === 'restricted');
    return unknown.length > 0
      ? conditionsOf({ ...statement, conditions: unknown })
      : [`${statement.name}: ${statement.reason}`];
  });
  const worked = exchange.state === 'read' && exchange.value.outcome.kind === 'session';
  return warning('TRUST_POLICY_UNCHECKED', {
    object: terms.object,
    expected: expectedOf(terms),
    found: `lets in the token only under conditions that podrole cannot check: ${names}`,
    remedy: {
      text: worked
        ? 'nothing, if the conditions are wanted: STS let in the token from here'
        : 'check that these conditions hold for the network and the session of the pod',
      commands: [],
    },
    details: details.slice(0, MAX_DETAILS),
  });
}

function warningsOf(terms: Terms, role: RoleFactsOfDoctor, entry: TrustEntry): readonly Finding[] {
  const open = openToOthers(role.trustPolicy, entry, role.name).map(({ code, found, advice, commands }) =>
    warning(code, {
      object: terms.object,
      expected: `lets in only ${entry.subject} with audience ${entry.audience}`,
      found: `has a trust policy that lets in others: ${found}`,
      remedy: { text: advice, commands },
    }),
  );
  const length = role.trustPolicyLength ?? 0;
  if (length <= IAM_ROLE.maxTrustPolicyLength) return open;
  const long = warning('TRUST_POLICY_LONG', {
    object: terms.object,
    expected: `has a trust policy of at most ${IAM_ROLE.maxTrustPolicyLength} characters, the usual quota`,
    found: `has a trust policy of ${length} characters`,
    remedy: {
      text: 'give some of its ServiceAccounts a role of their own; podrole bind needs --trust-policy-limit for this one',
      commands: [],
    },
  });
  return [...open, long];
}
