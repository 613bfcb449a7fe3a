import { providerArnOf } from '../../../bind/names.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import { annotationKey } from '../../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { AuditFacts } from '../facts/audit-facts.ts';
import { type IamIndex, indexIam } from '../joins/judge-grant.ts';
import type { UnreadableRole } from '../joins/named-grants.ts';
import type { AuditedGrant, AuditFinding } from '../model.ts';
import { bindCommand } from './commands.ts';
import { auditFinding } from './make-finding.ts';

/** Returns the ServiceAccounts that do not get the role that they name, and the roles of kube2iam. */
export function serviceAccountFindings(
  facts: AuditFacts,
  grants: readonly AuditedGrant[],
  unreadable: readonly UnreadableRole[],
): readonly AuditFinding[] {
  const iam = indexIam(facts.iam);
  const issuers = new Map(facts.clusters.map(({ context, issuer }) => [context, issuer]));
  return [
    ...grants.flatMap((grant) => {
      if (grant.kind === 'kube2iam') return [kube2iamRole(grant)];
      const isAsked = ['web-identity', 'container-role', 'pod-annotation'].includes(grant.kind);
      return isAsked && grant.verdict === 'refused'
        ? [refusedRole(grant, issuers.get(grant.cluster), iam)]
        : [];
    }),
    ...unreadable.map((role) => malformed(role, facts)),
  ];
}

/** Name of the holder of a role: `ServiceAccount shop/web`, with its container. */
function holderOf({ namespace, serviceAccount, container }: UnreadableRole | AuditedGrant): string {
  const ofContainer = container === undefined ? '' : `, container ${container}`;
  return `ServiceAccount ${namespace}/${serviceAccount}${ofContainer}`;
}

function refusedRole(grant: AuditedGrant, issuer: string | undefined, iam: IamIndex): AuditFinding {
  const { cluster, namespace, roleArn, reasons } = grant;
  const base = { cluster, namespace, object: holderOf(grant) };
  const arn = parseRoleArn(roleArn);
  if (iam.roles && !iam.roles.has(roleArn)) {
    return auditFinding('ROLE_MISSING', {
      ...base,
      text: `names the role ${roleArn}, which does not exist`,
      remedy: {
        text: 'create the role, or remove the annotation',
        commands: [bindCommand(grant, { name: arn?.name ?? '' })],
      },
    });
  }
  const ensure = `podrole provider ensure --approve`;
  const commands = [...(hasProvider(arn, issuer, iam) ? [] : [ensure]), bindCommand(grant, { arn: roleArn })];
  return auditFinding('ROLE_REFUSED', {
    ...base,
    text: `names the role ${roleArn}, and STS refuses it: ${reasons.join('; ')}`,
    remedy: { text: 'let the role trust the ServiceAccount, or remove the annotation', commands },
  });
}

function hasProvider(
  arn: ReturnType<typeof parseRoleArn>,
  issuer: string | undefined,
  { providers }: IamIndex,
): boolean {
  if (!arn || issuer === undefined || !providers) return true;
  return providers.has(providerArnOf(issuer, { accountId: arn.account, partition: arn.partition }));
}

function malformed(role: UnreadableRole, { settings }: AuditFacts): AuditFinding {
  const { cluster, namespace, serviceAccount, container, given, details } = role;
  const key =
    container === undefined && given !== undefined
      ? annotationKey(settings.annotationPrefix, 'roleArn')
      : PODROLE_ANNOTATION.containerRoles;
  const command = `kubectl -n ${shellWord(namespace)} annotate serviceaccount ${shellWord(serviceAccount)} ${shellWord(key)}-`;
  return auditFinding('ROLE_MALFORMED', {
    cluster,
    namespace,
    object: holderOf(role),
    text: `has an annotation ${key} that is not the ARN of a role: ${details.join('; ')}`,
    remedy: {
      text: 'write the ARN of the role by podrole bind, or remove the annotation',
      commands: [command],
    },
  });
}

function kube2iamRole(grant: AuditedGrant): AuditFinding {
  const { cluster, namespace, roleArn, verdict, reasons } = grant;
  const gets = verdict === 'refused' ? 'names' : 'has';
  return auditFinding('KUBE2IAM_ROLE', {
    cluster,
    namespace,
    object: holderOf(grant),
    text: `${gets} the role ${roleArn} by the annotation iam.amazonaws.com/role of its pods, ${reasons.join('; ')}`,
    remedy: {
      text: 'let the role trust the ServiceAccount, and let podrole read the annotation: podrole migrate has the steps',
      commands: [bindCommand(grant, { arn: roleArn })],
    },
  });
}
