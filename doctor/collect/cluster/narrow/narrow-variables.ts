import { withoutCredentials } from '../../../../identity/warning.ts';
import { INSTANCE_METADATA } from '../../../../lib/contract/imds.ts';
import {
  CREDENTIALS_ENV,
  ENDPOINT_KIND_ENV,
  ENV,
  NODE_CA_VARIABLE,
  PROXY_ENV,
  S3_ENDPOINT_VARIABLE,
  SHADOWING_ENV,
  STS_ENDPOINT_ENV,
} from '../../../../lib/contract/sdk.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { nameOf } from '../../../../pods/pod-parts.ts';
import type { ContainerFacts } from '../../../facts/pod-facts.ts';
import { DURATION_VARIABLES } from '../../../workload/asked-duration.ts';

type Variable = ContainerFacts['env'][number];

/** Variables whose values are kept: none of them should hold a secret. */
const SHOWN: ReadonlySet<string> = new Set([
  ENV.roleArn,
  ENV.webIdentityTokenFile,
  ENV.tokenFile,
  ENV.targetRoleArn,
  ENV.sessionTags,
  ENV.roleSessionName,
  ENV.stsRegionalEndpoints,
  ENV.defaultRegion,
  ENV.region,
  ENV.containerAuthorizationTokenFile,
  ...SHADOWING_ENV.profiles,
  CREDENTIALS_ENV.credentialsFile,
  CREDENTIALS_ENV.configFile,
  STS_ENDPOINT_ENV.caBundle,
  NODE_CA_VARIABLE,
  ...Object.values(ENDPOINT_KIND_ENV),
  'AWS_EC2_METADATA_DISABLED',
  'PODROLE_REGION',
  ...DURATION_VARIABLES,
]);

/** Variables with a URL, which is kept without user and password. */
const URLS: ReadonlySet<string> = new Set([
  STS_ENDPOINT_ENV.endpointUrlSts,
  STS_ENDPOINT_ENV.endpointUrl,
  S3_ENDPOINT_VARIABLE,
  INSTANCE_METADATA.endpointVariable,
  ...PROXY_ENV.https,
  ...PROXY_ENV.http,
  ...PROXY_ENV.none,
]);

/** Variables with a credential, or with the address of one: only their names are kept. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  ...SHADOWING_ENV.accessKeys,
  ENV.containerCredentialsFullUri,
  ENV.containerCredentialsRelativeUri,
]);

const KEPT_NAME = /^(?:AWS|PODROLE)_/;
/** Longest value that is kept; a role ARN has up to 2,048 characters. */
const VALUE_MAX_LENGTH = 2_100;
/** No container sets as many by hand. */
const MAX_VARIABLES = 200;

/** Returns the variables of a container that decide about credentials. */
export function narrowVariables(container: JsonObject): readonly Variable[] {
  // If several have one name, Kubernetes uses the last one.
  const variables = new Map<string, Variable>();
  for (const variable of objectsOf(container['env'])) {
    const name = nameOf(variable);
    if (name !== undefined && isKept(name)) variables.set(name, narrowVariable(name, variable));
  }
  const all = [...variables.values()];
  if (all.length <= MAX_VARIABLES) return all;
  // A webhook adds its variables behind those of the tenant.
  const decisive = all.filter(({ name }) => isDecisive(name));
  return [...decisive, ...all.filter(({ name }) => !isDecisive(name))].slice(0, MAX_VARIABLES);
}

/** Returns true for a variable by its own name, not only by its beginning. */
function isDecisive(name: string): boolean {
  return SHOWN.has(name) || URLS.has(name) || CREDENTIALS.has(name);
}

function isKept(name: string): boolean {
  return KEPT_NAME.test(name) || SHOWN.has(name) || URLS.has(name);
}

function narrowVariable(name: string, variable: JsonObject): Variable {
  const from = asObject(variable['valueFrom']);
  if (from) return { name, from: placeOf(from) };
  const value = shownValue(name, asText(variable['value']) ?? '');
  return value === undefined ? { name } : { name, value };
}

function shownValue(name: string, value: string): string | undefined {
  // An empty value gives nothing away.
  if (value === '' || SHOWN.has(name)) return value.slice(0, VALUE_MAX_LENGTH);
  if (URLS.has(name)) return withoutCredentials(value).slice(0, VALUE_MAX_LENGTH);
  // The path may be the secret.
  if (name === ENV.containerCredentialsFullUri) return originOf(value);
  return undefined;
}

function originOf(value: string): string | undefined {
  const url = URL.parse(value);
  return url ? `${url.origin}/` : undefined;
}

function placeOf(valueFrom: JsonObject): Variable['from'] {
  if (asObject(valueFrom['secretKeyRef'])) return 'secret';
  if (asObject(valueFrom['configMapKeyRef'])) return 'configMap';
  return asObject(valueFrom['fieldRef']) ? 'field' : 'other';
}
