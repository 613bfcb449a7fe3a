import { exportJWK, SignJWT } from 'jose';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { keyId } from '../../oidc/keys/keys.ts';
import {
  type ApiRoute,
  type FakeApiServer,
  startFakeApiServer,
  statusAnswer,
} from '../kubernetes/fake-api-server.ts';
import {
  createStoredObjects,
  objectsRoute,
  type StoredObjects,
  selectFields,
} from '../kubernetes/stored-objects.ts';
import { makeTokenKey, type TokenKey } from '../kubernetes/token-requests.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
export const ISSUER = 'https://issuer.example.com';

/** Cluster with ServiceAccount shop/web, its pod web-0 and podrole's webhook, all healthy. */
export interface DoctorCluster extends FakeApiServer, Pick<StoredObjects, 'objects'> {
  /** Key that signs and is published. */
  readonly key: TokenKey;
  /** Admission of a pod that is only validated. */
  admit: (pod: JsonObject) => JsonObject;
  /** Audiences whose tokens are a login. */
  apiAudiences: string[];
  /** Answer to whether the user may create pods. */
  mayCreatePods: boolean;
  /** Creates or replaces an object. */
  readonly store: StoredObjects['store'];
}

export const SERVICE_ACCOUNT_PATH = '/api/v1/namespaces/shop/serviceaccounts/web';
export const POD_PATH = '/api/v1/namespaces/shop/pods/web-0';
const WEBHOOK_PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
const SLICE_PATH = '/apis/discovery.k8s.io/v1/namespaces/podrole/endpointslices/podrole-webhook-1';

/** @param caBundle PEM of the webhook's CA, in base64 */
export async function startDoctorCluster({ caBundle = '' } = {}): Promise<DoctorCluster> {
  const stored = createStoredObjects();
  const key = makeTokenKey(keyId);
  const server = await startFakeApiServer(
    (request, response) => dryRunRoute(cluster)(request, response),
    tokenRoute(key),
    reviewRoute(() => cluster.apiAudiences),
    ({ pathname }) =>
      pathname === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
        ? { status: 201, body: { status: { allowed: cluster.mayCreatePods } } }
        : undefined,
    objectsRoute(stored, undefined, selectFields),
  );
  const cluster: DoctorCluster = Object.assign(server, {
    objects: stored.objects,
    key,
    admit: withRole,
    apiAudiences: [ISSUER],
    mayCreatePods: true,
    store: stored.store,
  });
  const { kid, publicKey } = key;
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  cluster.objects.set('/openid/v1/jwks', { keys: [jwk] });
  cluster.objects.set('/.well-known/openid-configuration', {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/openid/v1/jwks`,
  });
  cluster.objects.set('/version', { gitVersion: 'v1.37.0' });
  cluster.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', labels: { team: 'shop' } } });
  cluster.store(SERVICE_ACCOUNT_PATH, {
    metadata: {
      namespace: 'shop',
      name: 'web',
      uid: 'sa-1',
      creationTimestamp: '2026-01-01T10:00:00Z',
      annotations: { 'eks.amazonaws.com/role-arn': ROLE },
    },
  });
  cluster.store(POD_PATH, withRole(podOf('web-0')));
  cluster.store(WEBHOOK_PATH, webhookConfiguration(caBundle));
  cluster.store(SLICE_PATH, {
    metadata: { namespace: 'podrole', name: 'podrole-webhook-1' },
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
  });
  return cluster;
}

/** Returns a running pod of shop/web, as a controller creates it. */
export function podOf(name: string): JsonObject {
  return {
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, creationTimestamp: '2026-01-02T10:00:00Z' },
    spec: {
      serviceAccountName: 'web',
      nodeName: 'node-1',
      containers: [{ name: 'app', image: 'registry.test/app:1' }],
    },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: true, restartCount: 0 }] },
  };
}

const TOKEN_FOLDER = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

/** Returns a pod with what the webhook adds. */
export function withRole(pod: JsonObject, roleArn = ROLE): JsonObject {
  const spec = asObject(pod['spec']) ?? {};
  const env = [
    { name: 'AWS_ROLE_ARN', value: roleArn },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${TOKEN_FOLDER}/token` },
  ];
  const mount = { name: 'aws-iam-token', mountPath: TOKEN_FOLDER, readOnly: true };
  const serviceAccountToken = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
  const volume = { name: 'aws-iam-token', projected: { sources: [{ serviceAccountToken }] } };
  const containers = (asArray(spec['containers']) ?? []).map((each) => ({
    ...asObject(each),
    env: [...(asArray(asObject(each)?.['env']) ?? []), ...env],
    volumeMounts: [mount],
  }));
  const volumes = [...(asArray(spec['volumes']) ?? []), volume];
  return { ...pod, spec: { ...spec, containers, volumes } };
}

function webhookConfiguration(caBundle: string): JsonObject {
  const service = { namespace: 'podrole', name: 'podrole-webhook', port: 443, path: '/mutate' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  return {
    metadata: { name: 'podrole', creationTimestamp: '2026-01-01T09:00:00Z' },
    webhooks: [
      {
        name: 'pods.podrole.dev',
        clientConfig: { service, caBundle },
        failurePolicy: 'Ignore',
        namespaceSelector: {},
        objectSelector: {
          matchExpressions: [
            { key: 'eks.amazonaws.com/skip-pod-identity-webhook', operator: 'DoesNotExist' },
          ],
        },
        rules: [rule],
      },
    ],
  };
}

function dryRunRoute(cluster: Pick<DoctorCluster, 'admit'>): ApiRoute {
  return ({ method, pathname, searchParams, body }) => {
    if (method !== 'POST' || !pathname.endsWith('/pods') || searchParams.get('dryRun') !== 'All')
      return undefined;
    return { status: 201, body: cluster.admit(asObject(body) ?? {}) };
  };
}

const TOKEN_PATH = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/;

function tokenRoute({ kid, privateKey }: TokenKey): ApiRoute {
  return async ({ pathname, body }) => {
    const [, namespace, name] = TOKEN_PATH.exec(pathname) ?? [];
    if (name === undefined) return undefined;
    const spec = asObject(asObject(body)?.['spec']);
    const iat = Math.floor(Date.now() / 1_000);
    const claims = { iss: ISSUER, aud: asArray(spec?.['audiences']) as string[], iat, nbf: iat };
    const token = await new SignJWT({ ...claims, exp: iat + Number(spec?.['expirationSeconds']) })
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(privateKey);
    return { status: 201, body: { status: { token } } };
  };
}

/** Knows whoever presents a token with one of the audiences. */
function reviewRoute(apiAudiences: () => readonly string[]): ApiRoute {
  return ({ pathname, authorization }) => {
    if (pathname !== '/apis/authentication.k8s.io/v1/selfsubjectreviews') return undefined;
    const payload = authorization?.split('.')[1] ?? '';
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as { aud?: unknown };
    const isKnown = (asArray(aud) ?? []).some((each) => apiAudiences().includes(asText(each) ?? ''));
    return isKnown ? { status: 201, body: { status: {} } } : statusAnswer(401, 'Unauthorized');
  };
}
