import { devNull } from 'node:os';
import { SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import { CREDENTIALS_ENV, ENV, PROXY_ENV, SHADOWING_ENV } from '../../lib/contract/sdk.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Endpoint of the container credentials of a command. */
export interface CommandEndpoint {
  /** On loopback. */
  readonly port: number;
  /** Value that the SDK sends as `Authorization`. */
  readonly token: string;
  readonly region: string;
}

/** Variables by which an SDK would find other credentials, or another endpoint, first. */
const REMOVED: ReadonlySet<string> = new Set([
  ...SHADOWING_ENV.accessKeys,
  ...[CREDENTIALS_ENV.secretAccessKey, CREDENTIALS_ENV.sessionToken],
  // Older names of the three: boto 2 and the first SDKs for Java. botocore reads the last one still.
  ...['AWS_SECRET_KEY', 'AWS_SECURITY_TOKEN', 'AWS_CREDENTIAL_FILE'],
  'AWS_CREDENTIAL_EXPIRATION',
  ...SHADOWING_ENV.profiles,
  ...[ENV.roleArn, ENV.roleSessionName, ENV.webIdentityTokenFile],
  // Both come before those that are set below.
  ...[ENV.containerCredentialsRelativeUri, ENV.containerAuthorizationTokenFile],
]);

/** `AWS_BEARER_TOKEN_BEDROCK`: the SDKs take it instead of a signature. */
const BEARER_TOKEN = /^AWS_BEARER_TOKEN_/;

/** Files that hold credentials. botocore reads the Boto file before it asks an endpoint. */
const FILES = [CREDENTIALS_ENV.credentialsFile, CREDENTIALS_ENV.configFile, 'BOTO_CONFIG'];

const ENDPOINT_HOST = '127.0.0.1';

/**
 * Returns the environment of a command, whose only AWS credentials are those of the endpoint. Other sources
 * come first in most SDKs, so each is switched off: variables, both files of profiles, and the instance
 * metadata, to which an SDK would go on if the endpoint failed.
 */
export function commandEnvironment(
  env: Env,
  { port, token, region }: CommandEndpoint,
): Readonly<Record<string, string>> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || REMOVED.has(name) || BEARER_TOKEN.test(name) ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(FILES.map((name) => [name, devNull])),
    [ENV.containerCredentialsFullUri]: `http://${ENDPOINT_HOST}:${port}${SIDECAR_CREDENTIALS_PATH}`,
    [ENV.containerAuthorizationToken]: token,
    ...pastProxy(env),
    AWS_EC2_METADATA_DISABLED: 'true',
    [ENV.region]: env[ENV.region] || region,
    [ENV.defaultRegion]: env[ENV.defaultRegion] || region,
  };
}

/**
 * Returns the variables that keep requests to the endpoint, and so its token, from a proxy. Not every client
 * knows that a proxy cannot reach this loopback: curl, NODE_USE_ENV_PROXY of Node, and others ask it. A
 * client looks for one of the two names first, so a name that is missing gets the list of the other.
 */
function pastProxy(env: Env): Readonly<Record<string, string>> {
  const listOf = (name: string) => (env[name] ?? '').split(/[\s,]/).filter(Boolean);
  return Object.fromEntries(
    PROXY_ENV.none.map((name) => {
      const given = [name, ...PROXY_ENV.none].map(listOf).find(({ length }) => length > 0) ?? [];
      // Clients know `*` only if it stands alone.
      const isAll = given.length === 1 && given[0] === '*';
      return [name, isAll ? '*' : [...new Set([...given, ENDPOINT_HOST])].join(',')];
    }),
  );
}
