import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import type { NodePod } from '../../agent/pods/node-pod.ts';
import { openClusterKeys } from '../../agent/tokens/cluster-keys.ts';
import { openServiceAccountRoles } from '../../agent/tokens/service-account-roles.ts';
import { type AgentTokenVerifier, createAgentTokenVerifier } from '../../agent/tokens/verify-agent-token.ts';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { AGENT_TOKEN } from '../../lib/contract/podrole.ts';
import { codeOf } from '../../lib/errors.ts';
import { type FakeApiServer, startFakeApiServer } from '../kubernetes/fake-api-server.ts';
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts';
import { samplePod, sampleRole } from './sample-pod.ts';

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

export async function makeSigningKey(kid: string, alg: 'RS256' | 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

const rsa = await makeSigningKey('rsa', 'RS256');
const ec = await makeSigningKey('ec', 'ES256');

export interface WantedToken {
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly pod?: NodePod;
  readonly lifetimeSeconds?: number;
}

/** A cluster that signs tokens, and one of its nodes that verifies them; its time passes by the test. */
export interface TokenCluster {
  readonly time: VirtualTime;
  readonly api: FakeApiServer;
  /** Its keys at the start. */
  readonly rsa: SigningKey;
  readonly ec: SigningKey;
  /** Served keys and issuer. */
  keys: JWK[];
  issuer: string;
  /** Pods of the node as the watch shows them, by UID, and as lists do. */
  readonly watched: Map<string, NodePod>;
  listed: NodePod[];
  lists: number;
  /** Makes a verifier with an empty memory; the cluster has one with roles of ServiceAccounts. */
  readonly createVerifier: (hasRoles: boolean) => AgentTokenVerifier;
  verifier: AgentTokenVerifier;
  /** Token as kubelet gets it for a pod; default: of the pod shop/web, signed by `rsa`. */
  readonly tokenFor: (wanted?: WantedToken) => Promise<string>;
  /** Name of the role for which a token stands, or the code of the refusal. */
  readonly ask: (authorization: string) => Promise<string>;
  /** Number of times that the keys were read. */
  readonly keyReads: () => number;
}

/** Starts a cluster with the pod shop/web on the node. */
export async function startTokenCluster(): Promise<TokenCluster> {
  const time = createVirtualTime();
  const clock = time.clock();
  const { monotonicMs } = clock;
  const annotations = { 'eks.amazonaws.com/role-arn': ` ${sampleRole('annotated').arn} ` };
  const api = await startFakeApiServer(({ pathname }) => {
    const { keys, issuer } = cluster;
    if (pathname === '/openid/v1/jwks') return { status: 200, body: { keys } };
    if (pathname === '/.well-known/openid-configuration') return { status: 200, body: { issuer } };
    if (pathname.endsWith('/serviceaccounts/web'))
      return { status: 200, body: { metadata: { annotations } } };
    return undefined;
  });

  function createVerifier(hasRoles: boolean): AgentTokenVerifier {
    const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: api.url }, {}));
    const roles = openServiceAccountRoles({ client, annotationPrefix: 'eks.amazonaws.com', monotonicMs });
    const listNow = async () => {
      cluster.lists += 1;
      return { pods: cluster.listed };
    };
    const pods = { byUid: (uid: string) => cluster.watched.get(uid), listNow };
    const keys = openClusterKeys({ client, monotonicMs });
    return createAgentTokenVerifier({ keys, pods, roles: hasRoles ? roles : undefined, clock });
  }

  const web = samplePod('web');
  const cluster: TokenCluster = {
    time,
    api,
    rsa,
    ec,
    keys: [rsa.jwk, ec.jwk],
    issuer: 'https://issuer.test',
    watched: new Map([[web.uid, web]]),
    listed: [],
    lists: 0,
    createVerifier,
    verifier: createVerifier(true),
    tokenFor: (wanted = {}) => signToken(wanted, clock.now()),
    ask: (authorization) =>
      cluster.verifier.verifyAgentToken(authorization).then(
        ({ grant }) => grant.role.name,
        (thrown: unknown) => codeOf(thrown) ?? String(thrown),
      ),
    keyReads: () => api.requests.filter(({ pathname }) => pathname === '/openid/v1/jwks').length,
  };
  return cluster;
}

function signToken(wanted: WantedToken, now: Date): Promise<string> {
  const { key = rsa, header, claims, pod = samplePod('web'), lifetimeSeconds = 3_600 } = wanted;
  const iat = Math.floor(now.getTime() / 1_000);
  const { namespace, name, uid, serviceAccountName } = pod;
  const payload = {
    iss: 'https://issuer.test',
    aud: [AGENT_TOKEN.audience],
    sub: `system:serviceaccount:${namespace}:${serviceAccountName}`,
    iat,
    nbf: iat,
    exp: iat + lifetimeSeconds,
    'kubernetes.io': {
      namespace,
      node: { name: 'node-1', uid: 'n' },
      pod: { name, uid },
      serviceaccount: { name: serviceAccountName, uid: 's' },
    },
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { x: true } });
}
