import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AwsCredentials } from '../../aws/aws-server.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { succeed } from '../../cluster/run-command.ts';
import type { NodeCluster } from '../../node/node-cluster.ts';
import { startTlsFront } from '../aws/tls-front.ts';
import { expectKubectl } from '../install/install-podrole.ts';
import { APP_IMAGE } from '../install/node-site.ts';

const NAMESPACE = 'kube2iam';
const PORT = 8181;
const REGION = 'us-east-1';
const STS_HOST = `sts.${REGION}.amazonaws.com`;
/** Nothing listens there: no request may leave the node, and there is no instance metadata to pass on. */
const NO_METADATA = '127.0.0.1:9';

/** Path of the program; undefined if this run has none. */
export const KUBE2IAM: string | undefined = process.env['PODROLE_E2E_KUBE2IAM'] || undefined;
/** Value for the option `skip` of a test that needs it. */
export const WITHOUT_KUBE2IAM: string | false =
  KUBE2IAM === undefined && 'PODROLE_E2E_KUBE2IAM names no kube2iam, and no registry has it';

/** kube2iam as a DaemonSet, with the packet filter rule that its documentation names. */
interface Kube2iam {
  /** Starts it, or starts it again; it serves when this resolves. */
  start(): Promise<void>;
  /** Removes the DaemonSet and the rule. */
  remove(): Promise<void>;
  /** Returns the number of requests for credentials since it started. */
  requests(): Promise<number>;
  stop(): void;
}

interface ProxySettings {
  readonly program: string;
  /** Session of the role by which it assumes the others. */
  readonly credentials: AwsCredentials;
  readonly baseRoleArn: string;
  /** URL of an STS, for this machine. */
  readonly stsUrl: string;
}

/** @param cluster its first node gets the rule */
export async function installKube2iam(cluster: NodeCluster, settings: ProxySettings): Promise<Kube2iam> {
  // kube2iam's SDK takes no URL, only a region.
  const front = await startTlsFront(cluster.address, settings.stsUrl, { host: STS_HOST, port: 443 });
  await createNamespace(cluster, NAMESPACE);
  const [node] = cluster.nodes;
  if (!node) throw new Error('the cluster has no node');
  const daemonSet = manifests(settings, front.authority, cluster.address);
  const rule = async (verb: '--append' | '--delete') => {
    const command = ['iptables', '--table', 'nat', verb, ...ruleTo(node.address)];
    await succeed(command.join(' '), node.run(command));
  };
  const logs = () =>
    expectKubectl(cluster, ['logs', '--namespace', NAMESPACE, 'daemonset/kube2iam', '--tail=-1']);
  return {
    async start() {
      await expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(daemonSet) });
      await waitFor(
        async () => (await logs().catch(() => '')).includes('Listening on port'),
        'kube2iam',
        60_000,
      );
      await rule('--append');
    },
    async remove() {
      await rule('--delete');
      await expectKubectl(cluster, ['delete', 'daemonset', 'kube2iam', '--namespace', NAMESPACE]);
    },
    async requests() {
      return (await logs()).split('\n').filter((line) => line.includes('/iam/security-credentials/')).length;
    },
    stop: front.stop,
  };
}

function ruleTo(address: string): readonly string[] {
  return [
    ...['PREROUTING', '--protocol', 'tcp', '--destination', '169.254.169.254', '--dport', '80'],
    ...['--in-interface', 'veth+', '--jump', 'DNAT', '--to-destination', `${address}:${PORT}`],
  ];
}

function manifests(settings: ProxySettings, authority: string, stsAddress: string): object {
  const named = { name: 'kube2iam', namespace: NAMESPACE };
  const rbac = 'rbac.authorization.k8s.io';
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'kube2iam' },
      rules: [{ apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'kube2iam' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'kube2iam' },
      subjects: [{ kind: 'ServiceAccount', ...named }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: named, data: { 'ca.crt': authority } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: named,
      spec: {
        selector: { matchLabels: { name: 'kube2iam' } },
        template: { metadata: { labels: { name: 'kube2iam' } }, spec: podSpec(settings, stsAddress) },
      },
    },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}

function podSpec({ program, credentials, baseRoleArn }: ProxySettings, stsAddress: string): object {
  const env = {
    AWS_REGION: REGION,
    AWS_CA_BUNDLE: '/authority/ca.crt',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
  };
  return {
    serviceAccountName: 'kube2iam',
    hostNetwork: true,
    terminationGracePeriodSeconds: 1,
    hostAliases: [{ ip: stsAddress, hostnames: [STS_HOST] }],
    containers: [
      {
        name: 'kube2iam',
        image: APP_IMAGE.sdk,
        imagePullPolicy: 'Never',
        command: ['/program/kube2iam'],
        args: [
          ...[`--base-role-arn=${baseRoleArn}`, '--node=$(NODE_NAME)', `--app-port=${PORT}`],
          ...['--use-regional-sts-endpoint', '--log-format=json', `--metadata-addr=${NO_METADATA}`],
        ],
        env: [
          ...Object.entries(env).map(([name, value]) => ({ name, value })),
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        volumeMounts: [
          { name: 'program', mountPath: '/program/kube2iam' },
          { name: 'authority', mountPath: '/authority' },
        ],
      },
    ],
    volumes: [
      { name: 'program', hostPath: { path: path.resolve(program), type: 'File' } },
      { name: 'authority', configMap: { name: 'kube2iam' } },
    ],
  };
}
