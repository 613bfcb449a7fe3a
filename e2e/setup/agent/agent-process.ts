import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createToken, expectSuccess } from '../../cluster/api-objects.ts';
import { NODE_SIDE_API_SERVER } from '../../cluster/components.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { kubeconfig, tokenUser } from '../../cluster/kubeconfig.ts';
import type { ClusterNode } from '../../node/start-node.ts';
import { onNode } from './asking-pods.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/podrole.js', import.meta.url));
const ACCOUNT = { namespace: 'kube-system', name: 'podrole-agent' } as const;
const METRICS = 'http://127.0.0.1:9922';

/** Loads the rules of the node and keeps them, as the init container of the DaemonSet does. */
export async function keepRules(node: ClusterNode): Promise<void> {
  const redirect = [BUNDLE, 'redirect', '--node', '--node-address', node.address];
  node.start('redirect', process.execPath, [...redirect, '--watch']);
  const isLoaded = async () => (await node.run([process.execPath, ...redirect, '--check'])).code === 0;
  await waitFor(isLoaded, `rules of node ${node.name}`);
}

/** Creates the ServiceAccount of the agent with its rights. @returns a token of it */
export async function createAgentAccount(cluster: ControlPlane): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const { namespace, name } = ACCOUNT;
  await expectSuccess(cluster, 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name },
  });
  await expectSuccess(cluster, 'POST', `${rbac}/clusterroles`, {
    metadata: { name },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    ],
  });
  await expectSuccess(cluster, 'POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
  });
  return createToken(cluster, namespace, name, {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 86_400,
  });
}

export interface AgentOptions {
  readonly node: ClusterNode;
  /** URL of the STS for the node. */
  readonly sts: string;
  /** Token of its ServiceAccount. */
  readonly token: string;
  /** URL of the API server for the node; default: its own. */
  readonly apiServer?: string;
  readonly file: (name: string, content: string) => Promise<string>;
  readonly flags?: readonly string[];
}

/** A running agent. */
export interface AgentProcess extends Pick<ServerProcess, 'lines'> {
  readonly pid: number;
  /** Sends a signal and waits for the end; returns the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the shipped `podrole agent` in the namespaces of a node. It is ready when this resolves. */
export async function startAgent(
  cluster: Pick<ControlPlane, 'authority'>,
  { node, sts, token, apiServer = NODE_SIDE_API_SERVER, file, flags = [] }: AgentOptions,
): Promise<AgentProcess> {
  const config = kubeconfig(apiServer, cluster.authority.cert, tokenUser(token));
  const entered = await startPodrole(['agent', '--node-name', node.name, '--region', 'us-east-1', ...flags], {
    from: 'bundle',
    // Killing nsenter alone would not kill its child.
    wrapper: [...onNode(node), 'setpriv', '--pdeathsig', 'KILL'],
    env: {
      KUBECONFIG: await file('agent.kubeconfig', config),
      AWS_ENDPOINT_URL_STS: sts,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  await waitUntilReady(node);
  const pid = Number(readFileSync(`/proc/${entered.pid}/task/${entered.pid}/children`, 'utf8'));
  return {
    pid,
    lines: entered.lines,
    async stop(signal) {
      if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
      await waitFor(() => !existsSync(`/proc/${entered.pid}`), `end of the agent on node ${node.name}`);
      return entered.stop();
    },
  };
}

/** Waits until the agent of a node says that it is ready. */
async function waitUntilReady(node: ClusterNode): Promise<void> {
  await waitFor(async () => {
    const { code, stdout, stderr } = await node.run(['curl', '-sS', '--fail-with-body', `${METRICS}/readyz`]);
    if (code === 0) return true;
    throw new Error(stdout || stderr);
  }, `ready agent on node ${node.name}`);
}
