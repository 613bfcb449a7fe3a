import { allowsAssuming } from '../../../bind/trust/target/allows-assuming.ts';
import { judgeTargetTrust, type TargetTrust } from '../../../bind/trust/target/judge-target-trust.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { FindingCode } from '../../explanations/finding-code.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { type ChainTarget, targetRoleOf } from '../../workload/target-role-of.ts';
import { bindCommand } from '../remedies/commands.ts';
import { type Terms, termsOf } from './terms.ts';

const { ok, broken, warning, unknown } = findingsOf('target');

/** Judges whether the role of the pods may assume their target role, and whether that one trusts it. */
export const target: Link = {
  id: 'target',
  title: 'target role',
  needs: ['annotation', 'role'],
  applies: (facts) => targetRoleOf(facts) !== undefined,
  judge,
};

/** Stands for the name of the cluster, which no object of the cluster has. */
const CLUSTER_PLACEHOLDER = 'CLUSTER';

function judge(facts: ChainFacts): readonly [Finding, ...Finding[]] {
  const asked = targetRoleOf(facts);
  const terms = termsOf(facts);
  if (!asked || !terms) return [unknown('target role', { state: 'not asked', why: 'none is named' })];
  const object = `target role ${asked.given}`;
  if (!asked.role) {
    const expected = 'is the ARN of a role';
    const text = 'write the ARN of the role; until then the pods get no role';
    const remedy = { text, commands: [rebind(facts, 'arn:aws:iam::ACCOUNT:role/NAME')] };
    return [broken('TARGET_MALFORMED', { object, expected, found: 'is not one', remedy })];
  }
  return [
    judgeTrust(facts, asked, object),
    ...notAllowed(facts, asked, terms),
    ...open(facts, asked, object),
  ];
}

type Trouble = Readonly<
  Record<Exclude<TargetTrust, 'trusts' | 'restricted'>, readonly [FindingCode, string]>
>;

const TROUBLE: Trouble = {
  'does not trust': ['TARGET_DOES_NOT_TRUST', 'does not name it'],
  'role deleted': ['TARGET_ROLE_DELETED', 'names a role that was deleted since'],
  'external id wrong': ['TARGET_EXTERNAL_ID', 'expects another external id'],
  'tags wrong': ['TARGET_TAGS', 'expects other session tags'],
  'conditions fail': ['TARGET_CONDITION', 'names it under a condition that does not hold'],
  'no TagSession': ['TARGET_WITHOUT_TAG_SESSION', 'allows sts:AssumeRole, and not sts:TagSession'],
  denied: ['TARGET_DENIES', 'denies it'],
};

function judgeTrust(facts: ChainFacts, asked: ChainTarget, object: string): Finding {
  const reading = facts.aws.target;
  const roleArn = facts.grant?.roleArn ?? '';
  const commands = [rebind(facts, asked.given)];
  if (reading?.state === 'absent') {
    const text = 'create it with the policies that the pods need, then bind it';
    const remedy = { text, commands };
    return broken('TARGET_MISSING', { object, expected: 'exists', found: 'does not exist', remedy });
  }
  if (reading?.state !== 'read')
    return unknown(object, reading ?? { state: 'not asked', why: 'its facts were not collected' });
  if (reading.value.arn !== asked.given) {
    const found = `does not exist: the role of that name is ${reading.value.arn}`;
    const remedy = { text: 'name the role that is meant', commands: [rebind(facts, reading.value.arn)] };
    return broken('TARGET_MISSING', { object, expected: 'exists', found, remedy });
  }
  const { trust, details } = judgeTargetTrust(reading.value.trustPolicy, requestOf(facts, asked));
  if (trust === 'trusts') return ok(object, `trusts ${roleArn}`);
  if (trust === 'restricted') return ok(object, `trusts ${roleArn} under conditions`, details);
  const [code, found] = TROUBLE[trust];
  const isByOthers = trust === 'denied' || trust === 'conditions fail';
  return broken(code, {
    object,
    expected: `trusts ${roleArn} for sts:AssumeRole${asked.hasSessionTags ? ' and sts:TagSession' : ''}`,
    found,
    remedy: isByOthers
      ? { text: 'correct its trust policy: podrole does not change what others wrote there', commands: [] }
      : { text: `bind it again, with the name of the cluster for ${CLUSTER_PLACEHOLDER}`, commands },
    details,
  });
}

function requestOf({ subject, serviceAccountName, grant }: ChainFacts, { hasSessionTags }: ChainTarget) {
  return {
    roleArn: grant?.roleArn ?? '',
    namespace: subject.namespace,
    serviceAccount: serviceAccountName,
    hasSessionTags,
    clusterName: undefined,
    region: undefined,
  };
}

/** A policy that could not be read may allow it: then nothing is said. */
function notAllowed(facts: ChainFacts, asked: ChainTarget, { object }: Terms): readonly Finding[] {
  const { role } = facts.aws;
  if (role.state !== 'read' || role.value.policies.state !== 'read') return [];
  const own = role.value.policies.value.filter(({ kind }) => kind !== 'boundary');
  const documents = own.flatMap(({ document }) => (document.state === 'read' ? [document.value] : []));
  const allows = allowsAssuming(documents, asked.given, asked.hasSessionTags);
  if (allows === 'yes' || allows === 'unclear') return [];
  if (allows === 'no' && documents.length < own.length) return [];
  const remedy =
    allows === 'no'
      ? {
          text: `bind the target again, with the name of the cluster for ${CLUSTER_PLACEHOLDER}`,
          commands: [rebind(facts, asked.given)],
        }
      : { text: 'remove the Deny from the policies of the role', commands: [] };
  return [
    broken('TARGET_NOT_ALLOWED', {
      object,
      expected: `may assume ${asked.given}`,
      found: allows === 'no' ? 'has no policy that allows it' : 'has a policy that denies it',
      remedy,
    }),
  ];
}

function open(facts: ChainFacts, asked: ChainTarget, object: string): readonly Finding[] {
  const reading = facts.aws.target;
  if (reading?.state !== 'read') return [];
  const { isOpen, trust, details } = judgeTargetTrust(reading.value.trustPolicy, requestOf(facts, asked));
  if (!isOpen) return [];
  const text = 'replace the statement by one for each role, under a condition on sts:ExternalId';
  return [
    warning('TARGET_OPEN', {
      object,
      expected: 'lets in this ServiceAccount alone',
      found: 'lets in a whole account, or everyone',
      remedy: { text, commands: [] },
      details: trust === 'trusts' ? details : [],
    }),
  ];
}

function rebind(facts: ChainFacts, targetArn: string): string {
  const tags = targetRoleOf(facts)?.hasSessionTags === false ? ['--session-tags=false'] : [];
  const { name = '' } = parseRoleArn(facts.grant?.roleArn ?? '') ?? {};
  const flags = ['--target-role-arn', targetArn, '--cluster-name', CLUSTER_PLACEHOLDER, ...tags];
  // With --attach-role-arn, podrole bind would not add the inline policy.
  return bindCommand(facts, '--role-name', name, ...flags);
}
