import { parseRoleArn } from '../lib/arn.ts';
import { CA_BUNDLE, SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import {
  ENV,
  NO_SESSION_TAGS,
  NODE_CA_VARIABLE,
  S3_ENDPOINT_VARIABLE,
  STS_ENDPOINT_ENV,
  STS_REGIONAL,
} from '../lib/contract/sdk.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import type { FurtherVolume } from './mounted-volume.ts';
import { fieldPathOf, type NamedObject } from './pod-parts.ts';
import { SIDECAR_URI_START } from './sidecar/access.ts';

/** Parts that podrole can write into the variables of a container, each as a whole or not at all. */
export type EnvPart =
  | 'sts'
  | 'region'
  | 'sts-endpoint'
  | 's3-endpoint'
  | 'ca-bundle'
  | 'node-ca'
  | 'web-identity'
  | 'container-credentials'
  | 'session'
  | 'sidecar'
  | 'target-role'
  | 'agent-role'
  | 'agent';

/** Variables of a part, as podrole writes them. */
export type EnvGrant = readonly [part: EnvPart, variables: readonly NamedObject[]];

type IsOurs = (variable: JsonObject) => boolean;

export interface EnvPartRule {
  /**
   * Variables of the part, with a check of the form that podrole writes: a value of another form is the
   * user's own.
   */
  readonly variables: Readonly<Record<string, IsOurs>>;
  /**
   * Variables of a recorded part that must still have podrole's form, for podrole to own them. `all`: every
   * one, since half of a pair that someone else completed is theirs. `all-present`: those that exist. `each`:
   * every variable counts by itself.
   */
  readonly ownedIf: 'all' | 'all-present' | 'each';
  /** Variables that keep the part out of a container that has one of them. */
  readonly blockedBy: readonly string[];
  /** True for the parts that lead an SDK to credentials. */
  readonly isCredentials: boolean;
  /**
   * True for the parts that go with a role that podrole writes, and not with one that the container already
   * has.
   */
  readonly isOfRole: boolean;
  /** Volume that holds the file that the part names, if it is not that of the token. */
  readonly needs: FurtherVolume | undefined;
}

const isRole: IsOurs = ({ value }) => parseRoleArn(asText(value) ?? '') !== undefined;
const literal: IsOurs = ({ value }) => typeof value === 'string';
const isTokenFile: IsOurs = ({ value }) => /[/\\]token$/.test(asText(value) ?? '');
const isCaFile: IsOurs = ({ value }) =>
  asText(value)?.replaceAll('\\', '/').endsWith(`${CA_BUNDLE.mountPath}/${CA_BUNDLE.file}`) ?? false;
const fromField =
  (fieldPath: string): IsOurs =>
  (variable) =>
    fieldPathOf(variable) === fieldPath;

/** In the order in which the ownership record names them. */
export const ENV_PARTS: Readonly<Record<EnvPart, EnvPartRule>> = {
  sts: rule({ [ENV.stsRegionalEndpoints]: ({ value }) => value === STS_REGIONAL }),
  region: rule({ [ENV.defaultRegion]: literal, [ENV.region]: literal }),
  'sts-endpoint': endpointRule(STS_ENDPOINT_ENV.endpointUrlSts),
  's3-endpoint': endpointRule(S3_ENDPOINT_VARIABLE),
  'ca-bundle': rule({ [STS_ENDPOINT_ENV.caBundle]: isCaFile }, { isOfRole: true, needs: 'caBundle' }),
  'node-ca': rule({ [NODE_CA_VARIABLE]: isCaFile }, { isOfRole: true, needs: 'caBundle' }),
  'web-identity': rule(
    {
      [ENV.roleArn]: isRole,
      [ENV.webIdentityTokenFile]: isTokenFile,
    },
    { isCredentials: true },
  ),
  'container-credentials': rule(
    { [ENV.containerCredentialsFullUri]: literal, [ENV.containerAuthorizationTokenFile]: literal },
    { isCredentials: true },
  ),
  session: rule(
    { [ENV.podName]: fromField('metadata.name'), [ENV.roleSessionName]: literal },
    // A pod that has its name before admission gets only the second one.
    { isOfRole: true, ownedIf: 'each' },
  ),
  sidecar: rule(
    {
      [ENV.podUid]: fromField('metadata.uid'),
      [ENV.containerCredentialsFullUri]: ({ value }) => asText(value)?.startsWith(SIDECAR_URI_START) ?? false,
      [ENV.containerAuthorizationTokenFile]: isTokenFile,
    },
    {
      isOfRole: true,
      // In earlier versions, a sidecar without a secret path had only the URI.
      ownedIf: 'all-present',
      blockedBy: [ENV.containerCredentialsRelativeUri, ENV.containerAuthorizationToken],
    },
  ),
  // In place of web identity: with the token, an SDK would get the role that only assumes the target.
  'target-role': rule(
    { [ENV.targetRoleArn]: isRole },
    { isCredentials: true, blockedBy: [ENV.roleArn, ENV.webIdentityTokenFile, ENV.tokenFile] },
  ),
  // What the agent reads from the pod. SDKs do not know the token file, so they ask the agent.
  'agent-role': rule(
    {
      [ENV.roleArn]: isRole,
      [ENV.tokenFile]: isTokenFile,
      [ENV.targetRoleArn]: isRole,
      [ENV.sessionTags]: ({ value }) => value === NO_SESSION_TAGS,
    },
    { isCredentials: true, ownedIf: 'all-present', blockedBy: [ENV.webIdentityTokenFile] },
  ),
  agent: rule(
    {
      [ENV.containerCredentialsRelativeUri]: ({ value }) => value === SIDECAR_CREDENTIALS_PATH,
      [ENV.containerAuthorizationTokenFile]: isTokenFile,
    },
    {
      isOfRole: true,
      needs: 'agentToken',
      blockedBy: [ENV.containerCredentialsFullUri, ENV.containerAuthorizationToken],
    },
  ),
};

export const ENV_PART_NAMES = Object.keys(ENV_PARTS) as readonly EnvPart[];

function rule(
  variables: Readonly<Record<string, IsOurs>>,
  differences: Partial<EnvPartRule> = {},
): EnvPartRule {
  return {
    ownedIf: 'all',
    isCredentials: false,
    isOfRole: false,
    needs: undefined,
    ...differences,
    variables,
    blockedBy: [...Object.keys(variables), ...(differences.blockedBy ?? [])],
  };
}

/**
 * Returns the rule of one service's endpoint. A container that sets the endpoint of all services has chosen,
 * and this variable would override it.
 */
function endpointRule(variable: string): EnvPartRule {
  return rule({ [variable]: literal }, { isOfRole: true, blockedBy: [STS_ENDPOINT_ENV.endpointUrl] });
}

/** Returns a part whose variables are all literal values. */
export function literalPart(part: EnvPart, values: Readonly<Record<string, string>>): EnvGrant {
  return [part, Object.entries(values).map(([name, value]) => ({ name, value }))];
}
