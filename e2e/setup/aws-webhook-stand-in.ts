import type { ControlPlane } from '../cluster/control-plane.ts';
import { expectKubectl } from './install-podrole.ts';

const NAME = 'pod-identity-webhook';
const NAMESPACE = 'default';
const PORT = 8443;
/** As the AWS webhook's own Deployment has them; the port is one that a user without rights may listen on. */
const ARGUMENTS = [
  ...['--in-cluster=true', `--namespace=${NAMESPACE}`, `--service-name=${NAME}`, `--tls-secret=${NAME}`],
  ...[
    '--annotation-prefix=eks.amazonaws.com',
    '--token-audience=sts.amazonaws.com',
    '--logtostderr',
    `--port=${PORT}`,
  ],
];
const LABELS = { app: NAME };

/**
 * Installs what stands in for the AWS webhook: objects of the names that its own manifests give them, and podrole with its flags,
 * as docs/aws-webhook.md says for who keeps the Deployment. Resolves when it is ready.
 */
export async function installStandIn(cluster: Pick<ControlPlane, 'kubectl'>): Promise<void> {
  const items = [
    object('v1', 'ServiceAccount', {}),
    ...access('Role', [
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: [NAME],
        verbs: ['get', 'list', 'watch', 'update'],
      },
    ]),
    ...access('ClusterRole', [
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: [NAME],
        verbs: ['get', 'list', 'watch', 'patch', 'update'],
      },
    ]),
    object('v1', 'Service', { spec: { selector: LABELS, ports: [{ port: 443, targetPort: PORT }] } }),
    object('apps/v1', 'Deployment', { spec: { selector: { matchLabels: LABELS }, template: template() } }),
    object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
      webhooks: [
        {
          name: `${NAME}.amazonaws.com`,
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1beta1', 'v1'],
          clientConfig: { service: { name: NAME, namespace: NAMESPACE, path: '/mutate' } },
          objectSelector: {
            matchExpressions: [
              { key: 'eks.amazonaws.com/skip-pod-identity-webhook', operator: 'DoesNotExist' },
            ],
          },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
      ],
    }),
  ];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(list) });
  await expectKubectl(cluster, ['rollout', 'status', `deployment/${NAME}`, '-n', NAMESPACE, '--timeout=60s']);
}

function template(): object {
  return {
    metadata: { labels: LABELS },
    spec: {
      serviceAccountName: NAME,
      containers: [
        {
          name: NAME,
          image: 'podrole:0.1.0',
          command: ['podrole', 'webhook', ...ARGUMENTS],
          readinessProbe: { httpGet: { path: '/readyz', port: 9999 }, periodSeconds: 1 },
        },
      ],
    },
  };
}

function access(kind: 'Role' | 'ClusterRole', rules: readonly object[]): object[] {
  const version = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: NAME };
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  return [object(version, kind, { rules }), object(version, `${kind}Binding`, { roleRef, subjects })];
}

function object(apiVersion: string, kind: string, content: object): object {
  const ofCluster = /^(Cluster|Mutating)/.test(kind);
  const metadata = ofCluster ? { name: NAME } : { name: NAME, namespace: NAMESPACE };
  return { apiVersion, kind, metadata, ...content };
}
