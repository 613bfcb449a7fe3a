import { hasSessionTags } from '../../identity/target-role.ts';
import { composeRoleArn, parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';

/** Role that the role of a chain assumes for the pods. */
export interface ChainTarget {
  /** As the annotation has it, completed if it is only the name of a role. */
  readonly given: string;
  /** Undefined if it is not the ARN of a role. */
  readonly role: RoleArn | undefined;
  readonly hasSessionTags: boolean;
}

/** Returns the target role of a chain; undefined if it has none, as the own role of a container. */
export function targetRoleOf({
  cluster: { serviceAccount },
  container,
  podRole,
  grant,
  settings: { annotationPrefix },
}: Pick<ChainFacts, 'container' | 'podRole' | 'grant'> & {
  readonly settings: Pick<ChainFacts['settings'], 'annotationPrefix'>;
  readonly cluster: Pick<ChainFacts['cluster'], 'serviceAccount'>;
}): ChainTarget | undefined {
  if (serviceAccount.state !== 'read' || container !== undefined || podRole || !grant) return undefined;
  const { annotations } = serviceAccount.value;
  const written = annotations[PODROLE_ANNOTATION.targetRoleArn];
  if (!written) return undefined;
  const own = parseRoleArn(grant.roleArn);
  // If the webhook completed the name of the own role, it completes that of the target too.
  const isCompleted =
    parseRoleArn(annotations[annotationKey(annotationPrefix, 'roleArn')] ?? '') === undefined;
  const given =
    own && isCompleted && !parseRoleArn(written)
      ? composeRoleArn(written, own.account, own.partition)
      : written;
  return {
    given,
    role: parseRoleArn(given),
    hasSessionTags: hasSessionTags(annotations),
  };
}
