import { parseRoleArn } from '../../../../lib/arn.ts';
import { KUBE2IAM_POD_ANNOTATION } from '../../../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../../../lib/contract/podrole.ts';
import { SESSION_NAME } from '../../../../lib/contract/sts.ts';
import type { Finding } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import { patchCommands } from '../../remedies/template-commands.ts';
import { describeServiceAccount } from '../chain-parts.ts';

const { ok, broken, warning } = findingsOf('annotation');

type PodRole = NonNullable<ChainFacts['podRole']>;

/** `pods of ServiceAccount shop/web` */
function describePods(facts: ChainFacts): string {
  return `pods of ${describeServiceAccount(facts)}`;
}

/** Judges the role that a pod names by an annotation of its own, besides the rules. */
export function judgePodRole(facts: ChainFacts, podRole: PodRole): readonly [Finding, ...Finding[]] {
  const { key, given, roleArn } = podRole;
  if (roleArn === undefined) return [notARole(facts, podRole)];
  const named = given === roleArn ? roleArn : `${roleArn}, by its name,`;
  const [first, ...more] = remarks(facts, podRole);
  if (first) return [first, ...more];
  return [ok(describePods(facts), `name the role ${named} in their annotation ${key}`)];
}

function notARole(facts: ChainFacts, { key, given }: PodRole): Finding {
  const shown = JSON.stringify(given.slice(0, 200));
  const base = facts.settings.roleRules?.baseRoleArn;
  const isName = parseRoleArn(`arn:aws:iam::111122223333:role/${given.replace(/^\//, '')}`) !== undefined;
  if (base === undefined && isName && !/^arn:/i.test(given))
    return broken('POD_ROLE_INCOMPLETE', {
      object: describePods(facts),
      expected: `have the ARN of a role in their annotation ${key}, or the webhook completes its name`,
      found: `have only the name ${shown} there`,
      remedy: {
        text: 'give the webhook and podrole doctor --base-role-arn arn:aws:iam::ACCOUNT:role/, or write the ARN',
        commands: [],
      },
    });
  return broken('POD_ROLE_MALFORMED', {
    object: describePods(facts),
    expected: `have a role in their annotation ${key}`,
    found: `have ${shown} there, which is not one`,
    remedy: { text: 'write the ARN of the role in the template of the pod', commands: [] },
  });
}

function remarks(facts: ChainFacts, { sessionName, hasExternalId }: PodRole): readonly Finding[] {
  const { sessionName: nameKey, externalId } = KUBE2IAM_POD_ANNOTATION;
  const object = describePods(facts);
  const isOdd = sessionName !== undefined && !SESSION_NAME.pattern.test(sessionName);
  return [
    ...(isOdd
      ? [
          warning('SESSION_NAME_INVALID', {
            object,
            expected: `have 2 to 64 characters of A-Z, a-z, 0-9 and _+=,.@- in their annotation ${nameKey}`,
            found: `have ${JSON.stringify(sessionName.slice(0, 100))} there, which is ignored`,
            remedy: {
              text: `correct it, or remove it; ${PODROLE_ANNOTATION.sessionName} can take the name of the pod instead`,
              commands: patchCommands(facts, { metadata: { annotations: { [nameKey]: null } } }),
            },
          }),
        ]
      : []),
    ...(hasExternalId
      ? [
          warning('EXTERNAL_ID_UNUSED', {
            object,
            expected: `have no annotation ${externalId}`,
            found: 'have one, and AssumeRoleWithWebIdentity has no external ID',
            remedy: {
              text: 'remove it when the old proxy is gone: the subject of the token takes its place, and the statement for it must not demand sts:ExternalId',
              commands: patchCommands(facts, { metadata: { annotations: { [externalId]: null } } }),
            },
          }),
        ]
      : []),
  ];
}
