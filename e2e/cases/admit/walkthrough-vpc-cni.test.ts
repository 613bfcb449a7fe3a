import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { IAMClient } from '@aws-sdk/client-iam';
import { waitFor } from '../../../testing/wait-for.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { ISSUER, publishIssuer } from '../../setup/aws/aws-side.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import { readRoleInIam } from '../../setup/aws/iam-roles.ts';
import { listPods, ROLE_ARN, type StoredPod } from '../../setup/pods/pods.ts';
import { runWhoami } from '../../setup/pods/run-container.ts';
import { runPodrole } from '../../setup/run-podrole.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/**
 * "Configure Amazon VPC CNI plugin to use IRSA" of the EKS User Guide needs ten commands: provider, trust
 * policy, role, policy, annotation, restart of the pods, check of a pod's environment. Here one command does
 * it.
 */
const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'aws-node' };
/** As the chart of the add-on installs them. */
const HELM = { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': 'aws-vpc-cni' };
const CONTAINERS = ['aws-node', 'aws-eks-nodeagent'];
const POLICY = 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy';
const BIND = ['bind', '-n', NAMESPACE, 'aws-node', '--well-known', 'vpc-cni'];

const [cluster, moto] = await Promise.all([startControlPlane({ issuer: ISSUER }), startMoto()]);
after(() => Promise.all([cluster.stop(), moto.stop()]));
const site = await prepareWebhook(cluster);
after(() => site.stop());
const issuer = await publishIssuer(cluster, site.authority);
after(() => issuer.stop());
await site.start();
await site.register('probe');
await expectSuccess(cluster, 'PATCH', `/api/v1/namespaces/${NAMESPACE}`, {
  metadata: { labels: registeredLike('probe') },
});
const environment = {
  ...awsEnvironment(moto),
  KUBECONFIG: cluster.kubeconfig,
  NODE_EXTRA_CA_CERTS: await site.file('ca.crt', site.authority.cert),
};
const iam = new IAMClient(clientOptions(moto));

// The installed add-on, on a cluster of one node.
await expectSuccess(cluster, 'POST', '/api/v1/nodes', { metadata: { name: 'node-1' } });
await expectSuccess(cluster, 'POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
  metadata: { name: 'aws-node', labels: HELM },
});
await expectSuccess(cluster, 'POST', `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets`, {
  metadata: { name: 'aws-node' },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: 'aws-node',
        containers: CONTAINERS.map((name) => ({ name, image: `example.test/${name}:1` })),
      },
    },
  },
});

test('one command binds the VPC CNI, and its pods run with the role', async (t) => {
  const old = await podOnceThere(() => true);
  for (const container of CONTAINERS) expectNoRole(old, container);

  const began = performance.now();
  const bound = await runPodrole(
    [...BIND, '--account-id', moto.account, '--approve', '--restart'],
    environment,
  );
  t.diagnostic(`podrole bind --approve --restart took ${Math.round(performance.now() - began)} ms`);
  assert.equal(bound.code, 0, bound.stdout + bound.stderr);

  const role = await readRoleInIam(iam, 'kube-system-aws-node');
  assert.deepEqual(role?.attached, [POLICY]);
  const [statement, ...others] = role?.trust.Statement ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(statement?.['Condition'], {
    StringEquals: {
      'oidc.example.test:sub': 'system:serviceaccount:kube-system:aws-node',
      'oidc.example.test:aud': 'sts.amazonaws.com',
    },
  });
  const account = await expectSuccess(
    cluster,
    'GET',
    `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/aws-node`,
  );
  const { annotations, labels } = (account.body as { metadata: StoredMetadata }).metadata;
  assert.deepEqual([annotations[ROLE_ARN], labels], [role?.arn, HELM]);

  const pod = await podOnceThere(({ metadata }) => metadata.uid !== old.metadata.uid);
  for (const container of CONTAINERS) expectRole(pod, container, String(role?.arn));
  const { code, stdout, stderr } = await runWhoami(cluster, pod, 'aws-node', {
    AWS_ENDPOINT_URL_STS: moto.url,
    AWS_REGION: 'us-east-1',
  });
  assert.equal(code, 0, stderr);
  assert.match(JSON.parse(stdout).Arn, /:assumed-role\/kube-system-aws-node\//);
});

test('a second run has nothing to do, and restarts nothing', async () => {
  const before = await daemonSet();
  const { code, stdout, stderr } = await runPodrole(
    [...BIND, '--account-id', moto.account, '--approve', '--restart'],
    environment,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout + stderr, /no changes/i);
  assert.deepEqual(await daemonSet(), before);
});

interface StoredMetadata {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The pod that the DaemonSet's controller creates for the node. */
function podOnceThere(holds: (pod: StoredPod) => boolean): Promise<StoredPod> {
  const find = async () => (await listPods(cluster, NAMESPACE, 'k8s-app=aws-node')).find(holds);
  return waitFor(find, 'pod of DaemonSet kube-system/aws-node');
}

/** The DaemonSet's pod template. */
async function daemonSet(): Promise<unknown> {
  const { body } = await expectSuccess(
    cluster,
    'GET',
    `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets/aws-node`,
  );
  return (body as { spec: { template: unknown } }).spec.template;
}
