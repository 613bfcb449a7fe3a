import { decideRoles } from '../../../identity/roles.ts';
import { oddityOf, parseRoleArn } from '../../../lib/arn.ts';
import { annotationKey } from '../../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ServiceAccountFacts } from '../../facts/cluster-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { annotate, bindCommands, restartCommands } from '../remedies/remedies.ts';
import { misspeltRole, roleOnPod } from './annotation/misplaced-role.ts';
import { judgePodRole } from './annotation/named-by-pod.ts';
import { otherMode } from './annotation/other-modes.ts';
import { roleArnMeant } from './annotation/role-arn-meant.ts';
import { judgeRules } from './annotation/role-rules.ts';
import { describeServiceAccount, hasGrant, hasLostAnnotation, keyOf } from './chain-parts.ts';

const { ok, broken, warning, unknown } = findingsOf('annotation');

/** Judges whether the ServiceAccount names a role. */
export const annotation: Link = {
  id: 'annotation',
  title: 'annotation of the ServiceAccount',
  needs: [],
  judge: (facts) => {
    const { serviceAccount } = facts.cluster;
    if (serviceAccount.state === 'absent') return [gone(facts)];
    if (facts.podRole) return withRules(facts, judgePodRole(facts, facts.podRole));
    if (serviceAccount.state !== 'read') return [unread(facts, serviceAccount)];
    const own = serviceAccount.value;
    return facts.grant && !hasLostAnnotation(facts, own)
      ? withRules(facts, [judgeGrant(facts, own, facts.grant.roleArn)])
      : [judgeWithoutRole(facts, own)];
  },
};

/** Adds a role that the rules refuse. The first finding is the worst. */
function withRules(
  facts: ChainFacts,
  findings: readonly [Finding, ...Finding[]],
): readonly [Finding, ...Finding[]] {
  const refused = judgeRules(facts);
  if (!refused) return findings;
  return refused.state === 'unknown' ? [...findings, refused] : [refused, ...findings];
}

function gone(facts: ChainFacts): Finding {
  const { subject, serviceAccountName: name } = facts;
  return broken('SERVICE_ACCOUNT_GONE', {
    object: describeServiceAccount(facts),
    expected: 'exists, with an annotation that names its role',
    found: 'does not exist',
    remedy: {
      text: `create it again in the namespace ${subject.namespace}, then bind its role`,
      commands: bindCommands(facts).slice(0, 1),
    },
    details: [`the judged pod names the ServiceAccount ${name}`],
  });
}

/** The role of a pod that was created is known without the ServiceAccount. */
function unread(
  facts: ChainFacts,
  reading: Exclude<ChainFacts['cluster']['serviceAccount'], { state: 'read' }>,
): Finding {
  const object = describeServiceAccount(facts);
  return facts.grant ? ok(object, `gives its pods ${facts.grant.roleArn}`) : unknown(object, reading);
}

function judgeGrant(facts: ChainFacts, own: ServiceAccountFacts, roleArn: string): Finding {
  const object = describeServiceAccount(facts);
  const key = keyOf(facts);
  const { container, settings } = facts;
  const isAnnotated = Boolean(own.annotations[key]);
  const oddity = oddityIn(roleArn);
  if (oddity !== undefined) {
    return warning('UNUSUAL_ROLE_ARN', {
      object,
      expected: 'names a role of AWS',
      found: `names ${roleArn}, which ${oddity}`,
      remedy: { text: 'correct the annotation, unless your STS expects this value', commands: [] },
    });
  }
  const owner = container === undefined ? 'its pods' : `the container ${container} of its pods`;
  if (!isAnnotated)
    return ok(object, `has no annotation ${key}; ${elsewhere(facts)} gives ${owner} ${roleArn}`);
  const misspelt = misspeltRole(own.annotations, settings.annotationPrefix, undefined);
  return ok(
    object,
    `gives ${owner} ${roleArn}`,
    misspelt.map(({ written, meant }) => `annotation ${written} has no effect; ${meant} was probably meant`),
  );
}

function elsewhere(facts: ChainFacts): string {
  return hasGrant(facts, valueIn(facts.cluster.dryRun)?.pod)
    ? 'the ConfigMap of the webhook'
    : 'the pod itself';
}

function oddityIn(roleArn: string): string | undefined {
  const parsed = parseRoleArn(roleArn);
  return parsed && oddityOf(parsed);
}

function judgeWithoutRole(facts: ChainFacts, own: ServiceAccountFacts): Finding {
  const { annotationPrefix } = facts.settings;
  const roleKey = annotationKey(annotationPrefix, 'roleArn');
  const given = own.annotations[roleKey];
  if (facts.container === undefined && given && !parseRoleArn(given)) return malformed(facts, roleKey, given);
  const list = own.annotations[PODROLE_ANNOTATION.containerRoles];
  if (given || list) return malformedOther(facts, own);
  return misplaced(facts, own) ?? otherMode(facts, own) ?? none(facts, given);
}

function malformed(facts: ChainFacts, key: string, given: string): Finding {
  const meant = roleArnMeant(given, valueIn(facts.aws.account));
  return broken('MALFORMED_ROLE_ARN', {
    object: describeServiceAccount(facts),
    expected: `has the ARN of a role in its annotation ${key}`,
    found: `has ${JSON.stringify(given.slice(0, 200))} there, which is not one`,
    remedy:
      meant === undefined
        ? {
            text: 'bind a role to it',
            // Without the flag, podrole bind leaves an annotation that it did not write.
            commands: bindCommands(facts, '--override-existing-serviceaccounts'),
          }
        : {
            text: 'correct the annotation, and create the pods again',
            commands: annotate(facts, { [key]: meant }),
          },
    details: ['if the webhook runs with --compose-role-arn, the value is completed only by that webhook'],
  });
}

/** Container roles that are malformed, or an audience that is too long. */
function malformedOther(facts: ChainFacts, own: ServiceAccountFacts): Finding {
  const object = describeServiceAccount(facts);
  const { annotationPrefix } = facts.settings;
  const settings = {
    annotationPrefix,
    composeRoleArn: false,
    accountId: undefined,
    partition: '',
    awsDefaultRegion: '',
  };
  const audience = own.annotations[annotationKey(annotationPrefix, 'audience')] ?? '';
  const decision = decideRoles({
    object,
    annotations: own.annotations,
    audience,
    expirationSeconds: 0,
    settings,
  });
  const what = facts.container === undefined ? 'pods' : `container ${facts.container}`;
  return broken('MALFORMED_CONTAINER_ROLES', {
    object,
    expected: `names the role of its ${what} in an annotation`,
    found: 'has annotations that name none',
    remedy: {
      text: `correct what the warnings name: ${PODROLE_ANNOTATION.containerRoles} is CONTAINER=ROLE,CONTAINER=ROLE`,
      commands: facts.container === undefined ? restartCommands(facts) : bindCommands(facts),
    },
    details: (decision?.warnings ?? []).slice(0, 5),
  });
}

function misplaced(facts: ChainFacts, own: ServiceAccountFacts): Finding | undefined {
  const { annotationPrefix } = facts.settings;
  const key = annotationKey(annotationPrefix, 'roleArn');
  const [misspelt] = misspeltRole(own.annotations, annotationPrefix, key);
  if (misspelt) {
    const value = own.annotations[misspelt.written] ?? '';
    return broken('MISSPELT_ANNOTATION', {
      object: describeServiceAccount(facts),
      expected: `has the annotation ${key}`,
      found: `has the annotation ${misspelt.written}, which no webhook reads`,
      remedy: {
        text: 'write the right key, and create the pods again',
        commands: annotate(facts, { [key]: value, [misspelt.written]: undefined }),
      },
    });
  }
  const onPod = roleOnPod(facts, key);
  return (
    onPod &&
    broken('ANNOTATION_ON_POD', {
      object: describeServiceAccount(facts),
      expected: `has the annotation ${key}`,
      found: `has none; its pod has ${onPod.written}, where it has no effect`,
      remedy: {
        text: 'write it on the ServiceAccount, and create the pods again',
        commands: annotate(facts, { [key]: onPod.value }),
      },
    })
  );
}

function none(facts: ChainFacts, given: string | undefined): Finding {
  const key = keyOf(facts);
  const isDefault = facts.serviceAccountName === 'default' && facts.subject.kind !== 'serviceaccount';
  return broken('NO_ANNOTATION', {
    object: describeServiceAccount(facts),
    expected: `has the annotation ${key}`,
    found: given === '' ? 'has an empty one' : 'has none, and no webhook gives its pods a role',
    remedy: { text: 'bind a role to it', commands: bindCommands(facts) },
    details: isDefault
      ? ['the pod sets no serviceAccountName: another ServiceAccount of the namespace may have been meant']
      : [],
  });
}
