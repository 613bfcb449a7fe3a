import { narrowPod } from '../../doctor/collect/cluster/narrow/narrow-pod.ts';
import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';
import type { ClusterFacts, ServiceAccountFacts, WebhookFacts } from '../../doctor/facts/cluster-facts.ts';
import type { PodFacts } from '../../doctor/facts/pod-facts.ts';
import { chainFacts } from './chain-facts.ts';
import { ISSUER, podOf, ROLE, withRole } from './doctor-cluster.ts';
import { read } from './reading.ts';

export const DENIED = { state: 'denied', needs: 'get on it', said: 'answered 403' } as const;

export const SERVICE_ACCOUNT: ServiceAccountFacts = {
  namespace: 'shop',
  name: 'web',
  uid: 'sa-1',
  createdAt: '2026-11-01T10:00:00Z',
  annotations: { 'eks.amazonaws.com/role-arn': ROLE },
  annotatedAt: '2026-11-01T10:00:00Z',
};

export const WEBHOOK: WebhookFacts = {
  configuration: 'podrole',
  name: 'pods.podrole.dev',
  kind: 'podrole',
  createdAt: '2026-10-01T10:00:00Z',
  service: { namespace: 'podrole', name: 'podrole-webhook', port: 443 },
  failurePolicy: 'Ignore',
  namespaceSelector: { matchLabels: {}, matchExpressions: [] },
  objectSelector: {
    matchLabels: {},
    matchExpressions: [
      { key: 'eks.amazonaws.com/skip-pod-identity-webhook', operator: 'DoesNotExist', values: [] },
    ],
  },
  matchesPods: true,
  caCertificates: [
    { subject: 'CN=ca', notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z' },
  ],
  endpoints: read({ ready: 2, notReady: 0 }),
};

/** Pod shop/web-0 as the webhook leaves it, younger than the annotation. */
export const POD: PodFacts = { ...narrowPod(withRole(podOf('web-0'))), createdAt: '2026-11-02T10:00:00Z' };
/** The same without a role. */
export const BARE_POD: PodFacts = { ...narrowPod(podOf('web-0')), createdAt: '2026-11-02T10:00:00Z' };

/** Facts of the cluster in which all links are healthy. */
export const HEALTHY: ClusterFacts = {
  ...chainFacts().cluster,
  namespaceLabels: read({ team: 'shop' }),
  serviceAccount: read(SERVICE_ACCOUNT),
  webhooks: read([WEBHOOK]),
  dryRun: read({ pod: POD, warnings: [] }),
  pod: read(POD),
  events: read([]),
  nodeAgents: read([]),
  apiServer: read({ issuer: ISSUER, jwksUri: `${ISSUER}/openid/v1/jwks`, keys: ['k1'] }),
  token: read({
    header: { alg: 'RS256', kid: 'k1' },
    issuer: ISSUER,
    subject: 'system:serviceaccount:shop:web',
    audiences: ['sts.amazonaws.com'],
    issuedAt: '2026-11-29T12:00:00.000Z',
    expiresAt: '2026-11-29T12:10:00.000Z',
    length: 900,
    verifiedByApiServerKeys: true,
  }),
  apiServerAcceptsToken: read(false),
  clockSkewSeconds: read(0),
};

/** Returns a healthy chain of ServiceAccount shop/web, with these parts of its cluster changed. */
export function healthyChain(
  changed: Partial<ClusterFacts> = {},
  given: Partial<ChainFacts> = {},
): ChainFacts {
  return chainFacts({
    grant: { roleArn: ROLE, audience: 'sts.amazonaws.com' },
    cluster: { ...HEALTHY, ...changed },
    ...given,
  });
}
