import type { JsonObject } from '../../lib/json/json.ts';

/** Place of the objects of a kind in an API server: root and resource. */
export const PATHS: Readonly<Record<string, readonly [root: string, resource: string]>> = {
  Namespace: ['/api/v1', 'namespaces'],
  ServiceAccount: ['/api/v1', 'serviceaccounts'],
  Pod: ['/api/v1', 'pods'],
  Deployment: ['/apis/apps/v1', 'deployments'],
  ReplicaSet: ['/apis/apps/v1', 'replicasets'],
  DaemonSet: ['/apis/apps/v1', 'daemonsets'],
  CronJob: ['/apis/batch/v1', 'cronjobs'],
  Job: ['/apis/batch/v1', 'jobs'],
  RoleBinding: ['/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
};

const ROLE = 'iam.amazonaws.com/role';

interface Named {
  readonly role?: string;
  readonly serviceAccount?: string;
  readonly owner?: readonly [kind: string, name: string];
}

function podTemplate({ role, serviceAccount = 'default' }: Named): JsonObject {
  return {
    metadata: role === undefined ? {} : { annotations: { [ROLE]: role } },
    spec: { serviceAccountName: serviceAccount, containers: [{ name: 'app', image: 'example.com/app' }] },
  };
}

function deployment(namespace: string, name: string, named: Named): readonly JsonObject[] {
  const replicaSet = `${name}-6d4cf56db6`;
  const owner = (kind: string, of: string) => [{ apiVersion: 'apps/v1', kind, name: of, controller: true }];
  const template = podTemplate(named);
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name }, spec: { template } },
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { namespace, name: replicaSet, ownerReferences: owner('Deployment', name) },
      spec: { template },
    },
    ...['a', 'b'].map((end) => ({
      ...template,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(template['metadata'] as JsonObject),
        namespace,
        name: `${replicaSet}-${end}`,
        labels: { 'pod-template-hash': '6d4cf56db6' },
        ownerReferences: owner('ReplicaSet', replicaSet),
      },
      status: { phase: 'Running' },
    })),
  ];
}

/**
 * Returns a cluster with kube2iam, without --namespace-restrictions and with a default role: `shop/web` and
 * `shop/mail`, which share a ServiceAccount, `shop/plain`, which names no role, and a CronJob.
 */
export function migrationObjects(): readonly JsonObject[] {
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { namespace: 'kube-system', name: 'kube2iam' },
      spec: {
        template: {
          spec: {
            hostNetwork: true,
            serviceAccountName: 'kube2iam',
            containers: [
              {
                name: 'kube2iam',
                image: 'jtblin/kube2iam:0.11.1',
                args: [
                  '--base-role-arn=arn:aws:iam::111122223333:role/',
                  '--default-role=nodes',
                  '--iptables',
                ],
              },
            ],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'batch' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', annotations: { 'iam.amazonaws.com/allowed-roles': '["shop-w*"]' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'default' } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'shop', name: 'shop' },
      imagePullSecrets: [{ name: 'registry' }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace: 'shop', name: 'read' },
      roleRef: { kind: 'Role', name: 'read' },
      subjects: [{ kind: 'ServiceAccount', name: 'shop', namespace: 'shop' }],
    },
    ...deployment('shop', 'web', { role: 'shop-web', serviceAccount: 'shop' }),
    ...deployment('shop', 'mail', { role: 'shop-mail', serviceAccount: 'shop' }),
    ...deployment('shop', 'plain', {}),
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { namespace: 'batch', name: 'report' },
      spec: {
        jobTemplate: { spec: { template: podTemplate({ role: 'report', serviceAccount: 'report' }) } },
      },
    },
  ];
}
