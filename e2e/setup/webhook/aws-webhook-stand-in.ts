import { createAuthority } from '../../../testing/certificates/certificates.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl } from '../install/install-podrole.ts';

const NAME = 'pod-identity-webhook';
const NAMESPACE = 'default';
/** Kinds of cert-manager in the AWS webhook's manifests. */
const CERTIFICATE = `${NAME}-cert`;
const LABELS = { app: NAME };
const RBAC = 'rbac.authorization.k8s.io/v1';

/**
 * Installs a stand-in for the AWS webhook: the objects of its manifests, with podrole and the same flags in
 * place of its program, and a configuration for v1, as docs/aws-webhook.md describes for users who keep the
 * Deployment. Resolves when it is ready.
 */
export async function installStandIn(cluster: Pick<ControlPlane, 'kubectl'>): Promise<void> {
  const authority = await createAuthority(NAME);
  const pair = await authority.issue([`${NAME}.${NAMESPACE}.svc`]);
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  const items = [
    object('v1', 'ServiceAccount', {}),
    object(RBAC, 'ClusterRole', {
      rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] }],
    }),
    object(RBAC, 'ClusterRoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
      subjects,
    }),
    {
      ...object('v1', 'Secret', { stringData: { 'tls.crt': pair.cert, 'tls.key': pair.key } }),
      metadata: { name: CERTIFICATE, namespace: NAMESPACE },
    },
    object('v1', 'Service', { spec: { selector: LABELS, ports: [{ port: 443 }] } }),
    object('apps/v1', 'Deployment', { spec: { selector: { matchLabels: LABELS }, template: template() } }),
    object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', registration(authority.cert)),
  ];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(list) });
  const rollout = ['rollout', 'status', `deployment/${NAME}`, '-n', NAMESPACE, '--timeout=60s'];
  await expectKubectl(cluster, rollout);
}

function template(): object {
  const container = {
    name: NAME,
    image: 'podrole:0.1.0',
    command: [
      ...['podrole', 'webhook', '--in-cluster=false', `--namespace=${NAMESPACE}`, `--service-name=${NAME}`],
      ...['--annotation-prefix=eks.amazonaws.com', '--token-audience=sts.amazonaws.com', '--logtostderr'],
    ],
    volumeMounts: [{ name: 'cert', mountPath: '/etc/webhook/certs', readOnly: true }],
    // Its manifests do not have one; the test waits for it.
    readinessProbe: { httpGet: { path: '/readyz', port: 9999 }, periodSeconds: 1 },
  };
  const volumes = [{ name: 'cert', secret: { secretName: CERTIFICATE } }];
  return {
    metadata: { labels: LABELS },
    spec: { serviceAccountName: NAME, containers: [container], volumes },
  };
}

function registration(authority: string): object {
  const service = { name: NAME, namespace: NAMESPACE, path: '/mutate' };
  const webhook = {
    name: `${NAME}.amazonaws.com`,
    failurePolicy: 'Ignore',
    clientConfig: { service, caBundle: Buffer.from(authority).toString('base64') },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  return { webhooks: [webhook] };
}

function object(apiVersion: string, kind: string, content: object) {
  const ofCluster = /^(Cluster|Mutating)/.test(kind);
  const metadata = ofCluster ? { name: NAME } : { name: NAME, namespace: NAMESPACE };
  return { apiVersion, kind, metadata, ...content };
}
