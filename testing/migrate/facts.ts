import { KUBE2IAM_ROLE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import type {
  MigrationFacts,
  MigrationIam,
  ProxyFacts,
  ServiceAccountSummary,
} from '../../migrate/facts/migration-facts.ts';
import type { PodTemplateFacts, RunningPod, WorkloadFacts } from '../../migrate/facts/workload-facts.ts';
import { MIGRATION_ACCOUNT, MIGRATION_ISSUER, migratedRoleArn, PROXY_ROLE } from './model.ts';

/** Returns the pod template of `default` without a role. */
export function podTemplate(changes: Partial<PodTemplateFacts> = {}): PodTemplateFacts {
  return {
    serviceAccount: 'default',
    role: undefined,
    sessionName: undefined,
    externalId: undefined,
    sidecar: undefined,
    hostNetwork: false,
    isSkipped: false,
    ownVariables: [],
    initContainers: [],
    namesMetadata: false,
    ...changes,
  };
}

export function runningPod(name: string, changes: Partial<RunningPod> = {}): RunningPod {
  return { ...podTemplate(changes), name, isStatic: false, injectedRoles: [], ...changes };
}

/** Returns a Deployment `namespace/name` with a role, and with one pod that has the same. */
export function workload(
  subject: string,
  template: Partial<PodTemplateFacts> = {},
  changes: Partial<WorkloadFacts> = {},
): WorkloadFacts {
  const [namespace = '', name = ''] = subject.split('/');
  const full = podTemplate({ serviceAccount: name, ...template });
  const pods = [runningPod(`${name}-1`, full)];
  return { namespace, apiVersion: 'apps/v1', kind: 'Deployment', name, template: full, pods, ...changes };
}

/** Returns kube2iam's DaemonSet, which asks for no rule, and has no default role. */
export function kube2iam(changes: Partial<ProxyFacts> = {}): ProxyFacts {
  return {
    kind: 'DaemonSet',
    namespace: 'kube-system',
    name: 'kube2iam',
    part: 'agent',
    baseRoleArn: migratedRoleArn(''),
    findsBaseArn: false,
    defaultRole: undefined,
    isRestricted: true,
    allowedRolesFormat: 'glob',
    podRoleAnnotation: undefined,
    namespaceKey: undefined,
    assumesFirst: undefined,
    sessionSeconds: undefined,
    addsNodeRule: false,
    ...changes,
  };
}

/** Returns a role as IAM lists it, which trusts the proxy and, by its ServiceAccounts, podrole. */
export function listedRole(
  name: string,
  serviceAccounts: readonly string[] = [],
  trusted: readonly object[] = [{ AWS: PROXY_ROLE }],
): NonNullable<MigrationIam['roles']>[number] {
  const host = MIGRATION_ISSUER.replace('https://', '');
  const statement = (subject: string) => ({
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${MIGRATION_ACCOUNT}:oidc-provider/${host}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        [`${host}:sub`]: `system:serviceaccount:${subject.replace('/', ':')}`,
        [`${host}:aud`]: 'sts.amazonaws.com',
      },
    },
  });
  return {
    arn: migratedRoleArn(name),
    name,
    path: '/',
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        ...trusted.map((principal) => ({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' })),
        ...serviceAccounts.map(statement),
      ],
    },
    createdAt: undefined,
    maxSessionDurationSeconds: 3_600,
    lastUsedAt: 'unknown',
  };
}

export function accounts(
  ...all: readonly (readonly [subject: string, changes?: Partial<ServiceAccountSummary>])[]
): ReadonlyMap<string, ServiceAccountSummary> {
  return new Map(
    all.map(([subject, changes]) => {
      const [namespace = '', name = ''] = subject.split('/');
      return [subject, { namespace, name, role: undefined, imagePullSecrets: [], ...changes }];
    }),
  );
}

/** Returns facts of a cluster with kube2iam, whose Namespace `shop` allows the roles `shop-*`. */
export function migrationFacts(changes: Partial<MigrationFacts> = {}): MigrationFacts {
  return {
    from: 'kube2iam',
    collectedAt: new Date('2026-11-30T00:00:00Z'),
    issuer: MIGRATION_ISSUER,
    settings: {
      audience: 'sts.amazonaws.com',
      annotationPrefix: 'eks.amazonaws.com',
      baseRoleArn: undefined,
      proxyRoleArn: undefined,
      allowedRolesFormat: undefined,
      podRoleAnnotation: KUBE2IAM_ROLE_ANNOTATION,
      policy: undefined,
    },
    proxies: [kube2iam()],
    workloads: [],
    hasAllPods: true,
    isWhole: true,
    namespaces: new Map([
      ['shop', { name: 'shop', annotations: { 'iam.amazonaws.com/allowed-roles': '["shop-*"]' } }],
    ]),
    serviceAccounts: new Map(),
    bindings: new Map(),
    iam: {
      account: { accountId: MIGRATION_ACCOUNT, partition: 'aws' },
      roles: [],
      providerArns: [`arn:aws:iam::${MIGRATION_ACCOUNT}:oidc-provider/oidc.example.com/one`],
    },
    unread: [],
    ...changes,
  };
}
