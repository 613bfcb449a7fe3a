import type { AuditCode } from '../../doctor/audit/explanations/audit-code.ts';
import type { AuditedGrant, AuditFinding } from '../../doctor/audit/model.ts';
import type { Severity } from '../../doctor/audit/severity.ts';

interface Kind {
  readonly code: string;
  readonly severity: Severity;
  readonly applies: (grant: AuditedGrant, index: number) => boolean;
  readonly object: (grant: AuditedGrant) => string;
  readonly text: (grant: AuditedGrant) => string;
  readonly remedy: string;
  readonly command?: (grant: AuditedGrant) => string;
}

const accountOf = ({ namespace, serviceAccount }: AuditedGrant) =>
  `ServiceAccount ${namespace}/${serviceAccount}`;
const roleOf = ({ roleArn }: AuditedGrant) => `role ${roleArn}`;
const bind = ({ namespace, serviceAccount }: AuditedGrant) =>
  `podrole bind -n ${namespace} ${serviceAccount} --approve`;

const KINDS: readonly Kind[] = [
  {
    code: 'NODE_ROLE_REACHABLE',
    severity: 'high',
    applies: ({ kind }) => kind === 'node-profile',
    object: roleOf,
    text: ({ namespace }) => `is given to every pod of ${namespace} by the instance metadata of its node`,
    remedy: 'set the hop limit of the instance metadata to 1, and require IMDSv2',
  },
  {
    code: 'STATIC_KEY',
    severity: 'high',
    applies: (_grant, index) => index % 31 === 5,
    object: ({ namespace, serviceAccount }) => `Secret ${namespace}/${serviceAccount}-aws`,
    text: () => 'holds the static key AKIA…7XQ2',
    remedy: 'bind the ServiceAccount to a role, then delete the key in IAM and here',
    command: ({ namespace, serviceAccount }) => `kubectl -n ${namespace} delete secret ${serviceAccount}-aws`,
  },
  {
    code: 'ROLE_REFUSED',
    severity: 'medium',
    applies: ({ verdict }) => verdict === 'refused',
    object: accountOf,
    text: ({ roleArn }) => `names role ${roleArn}, which refuses it`,
    remedy: 'let the role trust the ServiceAccount, or remove the annotation',
    command: bind,
  },
  {
    code: 'ROLE_WITHOUT_SERVICE_ACCOUNT',
    severity: 'low',
    applies: ({ kind }) => kind === 'trusted-only',
    object: roleOf,
    text: ({ namespace, serviceAccount }) => `trusts ${namespace}/${serviceAccount}, which does not name it`,
    remedy: 'remove the subject from the trust policy, or annotate the ServiceAccount',
  },
  {
    code: 'KUBE2IAM_ROLE',
    severity: 'note',
    applies: ({ kind }) => kind === 'kube2iam',
    object: accountOf,
    text: () => 'gets its role from kube2iam',
    remedy: 'bind the ServiceAccount to the role, then remove the annotation of kube2iam',
    command: bind,
  },
];

/** Makes a finding for each grant to which one of the kinds applies. */
export function findingsOfGrants(grants: readonly AuditedGrant[]): readonly AuditFinding[] {
  return grants.flatMap((grant, index) =>
    KINDS.filter(({ applies }) => applies(grant, index)).map((kind) => ({
      code: kind.code as AuditCode,
      severity: kind.severity,
      cluster: grant.cluster,
      namespace: grant.namespace,
      object: kind.object(grant),
      text: kind.text(grant),
      remedy: { text: kind.remedy, commands: kind.command ? [kind.command(grant)] : [] },
    })),
  );
}
