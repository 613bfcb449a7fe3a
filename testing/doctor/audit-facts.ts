import type {
  AuditFacts,
  AuditPod,
  AuditRole,
  AuditServiceAccount,
  ClusterAuditFacts,
  IamAuditFacts,
} from '../../doctor/audit/facts/audit-facts.ts';

export const AUDIT_ISSUER = 'https://oidc.example.com/one';
export const AUDIT_PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';

const NOT_ASKED = { state: 'not asked', why: 'a test' } as const;

/** Returns the ARN of a role of the audited account. */
export function auditRoleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** A cluster with nothing in it, of which everything was read. */
export function auditCluster(changes: Partial<ClusterAuditFacts> = {}): ClusterAuditFacts {
  return {
    context: 'prod',
    issuer: AUDIT_ISSUER,
    namespaceCount: 1,
    serviceAccounts: [],
    hasAllServiceAccounts: true,
    pods: [],
    nodes: { count: 0, onEc2: 0, roleArns: [] },
    agents: [],
    rbac: { roles: [], bindings: [] },
    keys: [],
    chain: {
      webhooks: NOT_ASKED,
      nodeAgents: NOT_ASKED,
      apiServer: NOT_ASKED,
      clockSkewSeconds: NOT_ASKED,
      namespaceLabels: NOT_ASKED,
      issuer: undefined,
      newestPods: new Map(),
      hasAllPods: true,
    },
    metadataProbe: undefined,
    unread: [],
    ...changes,
  };
}

/** Facts of one cluster and of an account with the provider of its issuer, on 1 August 2026 at noon. */
export function auditFacts({
  cluster = {},
  iam = {},
  settings = {},
}: {
  readonly cluster?: Partial<ClusterAuditFacts>;
  readonly iam?: Partial<IamAuditFacts>;
  readonly settings?: Partial<AuditFacts['settings']>;
} = {}): AuditFacts {
  return {
    collectedAt: new Date('2026-08-01T12:00:00Z'),
    settings: {
      annotationPrefix: 'eks.amazonaws.com',
      composeRoleArn: false,
      accountId: '',
      partition: '',
      awsDefaultRegion: '',
      tokenAudience: 'sts.amazonaws.com',
      namespace: undefined,
      unusedAfterMs: 90 * 24 * 3_600_000,
      nodeRoleArns: [],
      ...settings,
    },
    clusters: [auditCluster(cluster)],
    iam: {
      account: { accountId: '111122223333', partition: 'aws' },
      roles: [],
      providers: [
        {
          arn: AUDIT_PROVIDER,
          issuer: AUDIT_ISSUER,
          clientIds: ['sts.amazonaws.com'],
          thumbprints: [],
          served: 'not asked',
        },
      ],
      instanceProfileRoleArns: [],
      unread: [],
      ...iam,
    },
  };
}

/** @param id `namespace/name` */
export function auditServiceAccount(id: string, role?: string): AuditServiceAccount {
  const [namespace = '', name = ''] = id.split('/');
  const annotations = role === undefined ? {} : { 'eks.amazonaws.com/role-arn': role };
  return { namespace, name, annotations, uid: id, createdAt: '2026-01-01T00:00:00Z', annotatedAt: undefined };
}

/** @param account `namespace/name` of its ServiceAccount */
export function auditPod(name: string, account: string, changes: Partial<AuditPod> = {}): AuditPod {
  const [namespace = '', serviceAccount = ''] = account.split('/');
  return {
    namespace,
    name,
    serviceAccount,
    hostNetwork: false,
    kube2iamRole: undefined,
    roles: [],
    usesPodIdentity: false,
    isRedirected: false,
    ...changes,
  };
}

/** A role whose trust policy has one Allow for the provider, under conditions. */
export function auditRole(name: string, condition: object, changes: Partial<AuditRole> = {}): AuditRole {
  return {
    arn: auditRoleArn(name),
    name,
    path: '/',
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: AUDIT_PROVIDER },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: condition,
        },
      ],
    },
    createdAt: new Date('2026-07-01T00:00:00Z'),
    maxSessionDurationSeconds: 3_600,
    lastUsedAt: 'unknown',
    ...changes,
  };
}

/** Condition that names the subject of a ServiceAccount, or a pattern of them, and the usual audience. */
export function trusts(account: string, operator = 'StringEquals'): object {
  const sub = { 'oidc.example.com/one:sub': `system:serviceaccount:${account.replace('/', ':')}` };
  const aud = { 'oidc.example.com/one:aud': 'sts.amazonaws.com' };
  return operator === 'StringEquals'
    ? { StringEquals: { ...sub, ...aud } }
    : { [operator]: sub, StringEquals: aud };
}
