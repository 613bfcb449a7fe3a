import { exportJWK } from 'jose';
import { type ApiRoute, type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { DISCOVERY_PATH } from './fake-cluster.ts';
import { createStoredObjects, objectsRoute, type StoredObjects } from './stored-objects.ts';
import { mintToken, type TokenKey, tokenRequestsRoute } from './token-requests.ts';

/** The part of an API server that `podrole keys rotate` asks. */
interface SigningApiServer extends FakeApiServer, Pick<StoredObjects, 'objects'> {
  /** Keys of its key set. */
  verifiesWith: readonly TokenKey[];
  signsWith: TokenKey;
  /** Mints a token for a workload, as kubelet requests it. */
  readonly mint: (lifetimeSeconds: number, audience: string) => Promise<string>;
}

/** @param now clock of the tokens */
export async function startSigningApiServer(
  issuer: string,
  key: TokenKey,
  now: () => Date,
): Promise<SigningApiServer> {
  const stored = createStoredObjects();
  stored.objects.set(DISCOVERY_PATH, { issuer, jwks_uri: `${issuer}/openid/v1/jwks` });
  const mint = (lifetimeSeconds: number, audience: string) =>
    mintToken(server.signsWith, { issuer, audience, lifetimeSeconds, now: now() });
  const server: SigningApiServer = Object.assign(
    await startFakeApiServer(
      keySetRoute(() => server.verifiesWith),
      tokenRequestsRoute(mint),
      userRoute,
      objectsRoute(stored),
    ),
    { objects: stored.objects, verifiesWith: [key], signsWith: key, mint },
  );
  return server;
}

/** Enters addresses as the API servers of a cluster do: one EndpointSlice each, since their ports differ. */
export function enterAddresses(
  { objects }: Pick<StoredObjects, 'objects'>,
  addresses: readonly { readonly address: string; readonly port: number }[],
): void {
  for (const [index, { address, port }] of addresses.entries()) {
    objects.set(`/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes-${index}`, {
      endpoints: [{ addresses: [address] }],
      ports: [{ name: 'https', port }],
    });
  }
}

function keySetRoute(keys: () => readonly TokenKey[]): ApiRoute {
  return async ({ pathname }) => {
    if (pathname !== '/openid/v1/jwks') return undefined;
    const published = keys().map(async ({ publicKey, kid }) => {
      const jwk = await exportJWK(publicKey);
      return { ...jwk, kid, alg: 'ES256', use: 'sig' };
    });
    return { status: 200, body: { keys: await Promise.all(published) } };
  };
}

const userRoute: ApiRoute = ({ pathname }) =>
  pathname === '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    ? { status: 201, body: { status: { userInfo: { username: 'kubernetes-admin' } } } }
    : undefined;
