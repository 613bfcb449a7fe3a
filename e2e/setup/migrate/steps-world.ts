import { CreateRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { asObject } from '../../../lib/json/json.ts';
import type { MigratedRole, MigratedWorkload, MigrationModel } from '../../../migrate/model.ts';
import { migratedRole, migratedWorkload, migrationModel } from '../../../testing/migrate/model.ts';
import { movedWorkload } from '../../../testing/migrate/steps.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

const KEY = 'iam.amazonaws.com/role';

/** Path of each object that the steps may change. */
const PATHS = [
  '/apis/apps/v1/namespaces/shop/deployments/web',
  '/apis/apps/v1/namespaces/shop/statefulsets/mail',
  '/apis/apps/v1/namespaces/shop/daemonsets/node.agent',
  '/apis/apps/v1/namespaces/shop/daemonsets/node-agent',
  '/apis/batch/v1/namespaces/batch/cronjobs/report',
  '/apis/apps/v1/namespaces/kube-system/daemonsets/kube2iam',
  '/apis/apps/v1/namespaces/kube-system/deployments/kiam-server',
  '/api/v1/namespaces/shop/serviceaccounts/web',
  '/api/v1/namespaces/batch/serviceaccounts/report',
  '/api/v1/namespaces/shop',
  '/api/v1/namespaces/batch',
];
/** Lists to which the steps may add an object. */
const LISTS = [
  '/api/v1/namespaces/shop/serviceaccounts',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
];

/** Returns the plan for the objects of `manifests`. `node-agent` beside `node.agent` is not a part of it. */
export function worldModel(account: string): MigrationModel {
  const arn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  const workload = (namespace: string, name: string, changes: Partial<MigratedWorkload>) =>
    migratedWorkload(namespace, name, { roleArn: arn(`${namespace}-${name.replace('.', '-')}`), ...changes });
  const proxyRoleArn = arn('kube2iam-nodes');
  const role = (name: string, serviceAccount: string): MigratedRole =>
    migratedRole(name, [serviceAccount], { arn: arn(name), trustPolicy: trustPolicy(proxyRoleArn) });
  return migrationModel({
    proxyRoleArn,
    proxies: [
      { kind: 'DaemonSet', namespace: 'kube-system', name: 'kube2iam', part: 'agent' },
      { kind: 'Deployment', namespace: 'kube-system', name: 'kiam-server', part: 'server' },
    ],
    workloads: [
      workload('batch', 'report', { apiVersion: 'batch/v1', kind: 'CronJob', pods: [], servedBy: 'no pods' }),
      workload('shop', 'web', { needs: 'sidecar' }),
      workload('shop', 'mail', {
        kind: 'StatefulSet',
        serviceAccount: 'default',
        newServiceAccount: 'default-shop-mail',
      }),
      workload('shop', 'node.agent', {
        kind: 'DaemonSet',
        given: 'shop-node-agent',
        serviceAccount: 'web',
        newServiceAccount: 'web-node.agent',
      }),
    ],
    roles: [
      role('batch-report', 'batch/report'),
      role('shop-web', 'shop/web'),
      role('shop-mail', 'shop/default-shop-mail'),
      role('shop-node-agent', 'shop/web-node.agent'),
    ],
    splits: [
      {
        namespace: 'shop',
        serviceAccount: 'web',
        keeps: arn('shop-web'),
        others: [{ serviceAccount: 'web-node.agent', roleArn: arn('shop-node-agent') }],
        imagePullSecrets: ['registry'],
        bindings: [
          {
            kind: 'RoleBinding',
            namespace: 'shop',
            name: 'web:view',
            roleKind: 'ClusterRole',
            roleName: 'view',
          },
          {
            kind: 'ClusterRoleBinding',
            namespace: undefined,
            name: 'web',
            roleKind: 'ClusterRole',
            roleName: 'view',
          },
        ],
      },
    ],
    namespaces: [
      {
        name: 'batch',
        allowedRoles: undefined,
        permitted: undefined,
        proposedAllowedRoles: ['batch-report'],
      },
      { name: 'shop', allowedRoles: '["shop-w*"]', permitted: undefined, proposedAllowedRoles: ['shop-*'] },
    ],
  });
}

/** Returns the plan after both steps: the objects are as the patches of way B leave them. */
export async function movedWorldModel(iam: ReadRoles, account: string): Promise<MigrationModel> {
  const before = worldModel(account);
  return {
    ...before,
    workloads: before.workloads.map(movedWorkload),
    roles: await Promise.all(
      before.roles.map(async (role) => ({ ...role, untrusted: [], trustPolicy: await iam(nameOf(role)) })),
    ),
    splits: [],
    namespaces: before.namespaces.map((one) => ({ ...one, proposedAllowedRoles: undefined })),
  };
}

/** Returns the trust policy of a role. */
type ReadRoles = (name: string) => Promise<unknown>;

export function nameOf({ arn }: MigratedRole): string {
  return arn.split('/').at(-1) ?? '';
}

/** Creates the roles of the plan and that of the proxy. */
export async function createRoles(
  iam: IAMClient,
  { roles, proxyRoleArn = '' }: MigrationModel,
): Promise<void> {
  const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const ofProxy = { Version: '2012-10-17', Statement: [ec2] };
  const all = [
    ...roles.map((role) => [nameOf(role), role.trustPolicy]),
    [proxyRoleArn.split('/').at(-1), ofProxy],
  ];
  for (const [RoleName, policy] of all)
    await iam.send(
      new CreateRoleCommand({ RoleName: String(RoleName), AssumeRolePolicyDocument: JSON.stringify(policy) }),
    );
}

function trustPolicy(proxyRoleArn: string): object {
  const statement = { Effect: 'Allow', Principal: { AWS: proxyRoleArn }, Action: 'sts:AssumeRole' };
  return { Version: '2012-10-17', Statement: [statement] };
}

/** Manifests of everything in the plan, as a user has them. */
export function manifests(): readonly object[] {
  const template = (app: string, serviceAccountName?: string, role = `shop-${app.replace('.', '-')}`) => ({
    metadata: { labels: { app }, annotations: { [KEY]: role, team: 'x' } },
    spec: { ...(serviceAccountName && { serviceAccountName }), containers: [{ name: 'app', image: 'a:1' }] },
  });
  const workload = (kind: string, namespace: string, name: string, spec: object) => ({
    apiVersion: kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { namespace, name },
    spec,
  });
  const selector = (app: string) => ({ selector: { matchLabels: { app } } });
  const account = (namespace: string, name: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name, annotations: { team: 'x' } },
  });
  const report = template('report', 'report', 'batch-report');
  const job = { template: { ...report, spec: { ...report.spec, restartPolicy: 'Never' } } };
  return [
    account('shop', 'web'),
    account('batch', 'report'),
    workload('Deployment', 'shop', 'web', { ...selector('web'), template: template('web', 'web') }),
    workload('StatefulSet', 'shop', 'mail', {
      ...selector('mail'),
      serviceName: 'mail',
      template: template('mail'),
    }),
    ...['node.agent', 'node-agent'].map((name) =>
      workload('DaemonSet', 'shop', name, { ...selector(name), template: template(name, 'web') }),
    ),
    workload('CronJob', 'batch', 'report', { schedule: '0 0 1 1 *', jobTemplate: { spec: job } }),
  ];
}

/** Manifests of the proxy. */
export function proxyManifests(): readonly object[] {
  return ['kube2iam', 'kiam-server'].map((app) => ({
    apiVersion: 'apps/v1',
    kind: app === 'kube2iam' ? 'DaemonSet' : 'Deployment',
    metadata: { namespace: 'kube-system', name: app },
    spec: {
      ...(app === 'kube2iam' ? {} : { replicas: 3 }),
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: app, image: 'a:1' }] } },
    },
  }));
}

/**
 * Returns what a user has written of each object: without what the API server and the controllers add, and
 * without the time of the last restart.
 */
export async function readWorld(
  api: Pick<AdminClient, 'request'>,
): Promise<Readonly<Record<string, unknown>>> {
  const objects = await Promise.all(
    PATHS.map(async (path) => [path, written((await expectSuccess(api, 'GET', path)).body)] as const),
  );
  const lists = await Promise.all(
    LISTS.map(async (path) => {
      const { items } = (await expectSuccess(api, 'GET', path)).body as { items: { metadata: Named }[] };
      return [
        path,
        items.map(({ metadata }) => metadata.name).filter((name) => !/^system:/.test(name)),
      ] as const;
    }),
  );
  return Object.fromEntries([...objects, ...lists]);
}

interface Named {
  readonly name: string;
}

const ADDED = /^(kubectl\.kubernetes\.io\/|deployment\.kubernetes\.io\/|deprecated\.daemonset)/;

function written(body: unknown): unknown {
  const { metadata, spec } = structuredClone(body) as Record<string, unknown>;
  const { annotations, labels } = asObject(metadata) ?? {};
  const text = JSON.stringify({ annotations: annotations ?? {}, labels, spec }, (key, value) =>
    ADDED.test(key) ? undefined : value,
  );
  return JSON.parse(text);
}
