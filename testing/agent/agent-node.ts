import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, SignJWT } from 'jose';
import type { JsonObject } from '../../lib/json/json.ts';
import { type FakeApiServer, startFakeApiServer } from '../kubernetes/fake-api-server.ts';
import { createStoredObjects, objectsRoute, selectFields } from '../kubernetes/stored-objects.ts';
import { makeTokenKey } from '../kubernetes/token-requests.ts';
import { watchStoredObjects } from '../kubernetes/watched-objects.ts';
import { agentPod, ROLE, roleContainer } from './pod-objects.ts';

const NODE_NAME = 'node-1';
const ISSUER = 'https://kubernetes.default.svc';

/** A pod of the node of a test. Its role has its name. */
export interface NodeTestPod {
  readonly name: string;
  readonly addresses?: readonly string[];
}

/** A node as the agent sees it: an API server, and kubelet's folder. */
export interface AgentNode {
  readonly api: FakeApiServer;
  readonly podsFolder: string;
  readonly start: (pod: NodeTestPod) => void;
  readonly end: (name: string) => void;
  /** Token of a pod for the agent. */
  readonly token: (name: string) => Promise<string>;
  /** Settings of an agent on this node. */
  readonly env: (stsUrl: string) => Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

const pathOf = (name: string) => `/api/v1/namespaces/shop/pods/${name}`;
const uidOf = (name: string) => `uid-${name}`;

/** Role of a pod of this node. */
export const roleOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

export async function startAgentNode(): Promise<AgentNode> {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-agent-node-'));
  const key = makeTokenKey(() => 'key-1');
  const stored = createStoredObjects();
  const jwk = { ...(await exportJWK(key.publicKey)), kid: key.kid, alg: 'ES256', use: 'sig' };
  stored.objects.set('/.well-known/openid-configuration', { issuer: ISSUER });
  stored.objects.set('/openid/v1/jwks', { keys: [jwk] });
  const api = await startFakeApiServer(
    watchStoredObjects(stored).route,
    objectsRoute(stored, undefined, selectFields),
  );
  return {
    api,
    podsFolder: folder,
    start: (pod) => {
      makeFolder(folder, pod);
      stored.store(pathOf(pod.name), podObject(pod));
    },
    end: (name) => {
      stored.drop(pathOf(name));
      rmSync(join(folder, uidOf(name)), { recursive: true });
    },
    token: (name) => mint(key, name),
    env: (stsUrl) => ({
      PODROLE_NODE_NAME: NODE_NAME,
      PODROLE_KUBE_API: api.url,
      PODROLE_KUBELET_PODS_FOLDER: folder,
      PODROLE_CHECK_RULES: 'false',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_STS: stsUrl,
    }),
    close: async () => {
      await api.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Makes what kubelet makes before it starts a container: token, hosts file, folder of the container. */
function makeFolder(folder: string, { name, addresses = [] }: NodeTestPod): void {
  const own = join(folder, uidOf(name));
  const volume = join(own, 'volumes', 'kubernetes.io~projected', 'aws-iam-token');
  mkdirSync(volume, { recursive: true });
  writeFileSync(join(volume, 'token'), `${'x'.repeat(20)}.${name}.signature`);
  const hosts = ['127.0.0.1\tlocalhost', ...addresses.map((address) => `${address}\t${name}`)];
  writeFileSync(join(own, 'etc-hosts'), `${hosts.join('\n')}\n`);
  mkdirSync(join(own, 'containers', 'web'), { recursive: true });
}

function podObject({ name, addresses = [] }: NodeTestPod): JsonObject {
  const env = { ...ROLE, AWS_ROLE_ARN: roleOf(name) };
  return agentPod({
    metadata: { uid: uidOf(name), name },
    spec: { containers: [roleContainer('web', { env })] },
    status: {
      phase: 'Running',
      podIP: addresses[0],
      podIPs: addresses.map((ip) => ({ ip })),
      containerStatuses: [{ state: { running: { startedAt: new Date().toISOString() } } }],
    },
  });
}

function mint({ kid, privateKey }: ReturnType<typeof makeTokenKey>, name: string): Promise<string> {
  const claims = {
    namespace: 'shop',
    pod: { name, uid: uidOf(name) },
    serviceaccount: { name: 'web', uid: 'uid-of-account' },
  };
  return new SignJWT({ 'kubernetes.io': claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(ISSUER)
    .setSubject('system:serviceaccount:shop:web')
    .setAudience('podrole.dev/agent')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}

/**
 * Returns addresses of this machine that a pod may have: not loopback, which is the same for every pod, and
 * without a zone.
 */
export function podLikeAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}
