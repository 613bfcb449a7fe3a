import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { ACCOUNT, IAM_OIDC_PROVIDER } from '../../lib/contract/iam.ts';
import { SESSION_DURATION_SECONDS } from '../../lib/contract/sts.ts';
import { type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { iamIssuerProblem, issuerHostPath } from '../../lib/issuer.ts';
import { asText } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';
import { type IdentityPolicy, parseIdentityPolicy } from '../identity-policy.ts';
import { parseTrustPolicy, type TrustPolicy } from '../policy-document.ts';
import { isAboutAction } from '../trust-policy.ts';
import { type Field, items, members, optionalFile, type Reader, textList, unique } from './fields.ts';

export interface ProviderConfig {
  readonly arn: string;
  /** The issuer, exactly as in the tokens' `iss`. */
  readonly url: string;
  readonly clientIDs: readonly string[];
  readonly ca?: string;
  readonly connectTo?: { readonly host: string; readonly port: number };
  readonly thumbprints: readonly string[];
}

export interface RoleConfig extends RoleArn {
  readonly trustPolicy: TrustPolicy;
  /** Which roles its sessions may assume. Without it: those of its account that name it as principal. */
  readonly policy?: IdentityPolicy;
  readonly maxSessionDurationSeconds: number;
}

/** The account that a local STS serves, and roles of others that its roles assume. */
export interface StsConfig {
  readonly account: string;
  /** By issuer. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** By ARN. */
  readonly roles: ReadonlyMap<string, RoleConfig>;
}

/**
 * Validates a configuration. `podrole sts --help` has an example with its fields.
 * @param object its name in faults: the file
 * @param readText content of a file that the configuration names; throws if it cannot be read
 * @throws PodroleError `INVALID_STS_CONFIG` or `INVALID_TRUST_POLICY`, with every fault
 */
export function parseStsConfig(
  document: unknown,
  object: string,
  readText: (path: string) => string,
): StsConfig {
  const faults: Fault[] = [];
  const reader: Reader = {
    object,
    readText,
    report: (path, problem, remedy = 'see the example in podrole sts --help') =>
      faults.push({ code: 'INVALID_STS_CONFIG', object: `${object} ${path}`.trim(), problem, remedy }),
    take: (found) => faults.push(...found),
  };
  const config = members(document, '', ['account', 'providers', 'roles'], reader);
  const roles = items(config, 'roles', reader).map((item, at) => parseRole(item, `roles[${at}]`, reader));
  const account = config['account'] ?? roles[0]?.account ?? '';
  const partition = roles[0]?.partition ?? 'aws';
  if (typeof account !== 'string' || !(account === '' || ACCOUNT.test(account))) {
    reader.report('account', 'is not a string of twelve digits, or a tenant of Ceph', 'put it in quotes');
  }
  for (const [at, role] of roles.entries()) {
    const isOfAccount = role.account === String(account) || !takesTokens(role.trustPolicy);
    if (role.name && (!isOfAccount || role.partition !== partition)) {
      reader.report(
        `roles[${at}].arn`,
        `is not in the account ${partition} ${account}`,
        'serve the providers of one account per process; a role that only other roles assume may be elsewhere',
      );
    }
  }
  const providers = items(config, 'providers', reader).map((item, at) =>
    parseProvider(item, `providers[${at}]`, `arn:${partition}:iam::${account}:oidc-provider/`, reader),
  );
  const byUrl = unique(providers, 'providers', 'url', reader);
  const byArn = unique(roles, 'roles', 'arn', reader);
  throwIfAny(faults);
  return { account: String(account), providers: byUrl, roles: byArn };
}

function parseProvider(value: unknown, path: string, arnPrefix: string, reader: Reader): ProviderConfig {
  const known = ['arn', 'url', 'clientIDs', 'caFile', 'connectTo', 'thumbprints'];
  const provider = members(value, path, known, reader);
  const url = asText(provider['url']) ?? '';
  const problem = iamIssuerProblem(url);
  if (problem)
    reader.report(`${path}.url`, problem, "give the tokens' iss; if it is served elsewhere, use connectTo");
  const expectedArn = `${arnPrefix}${issuerHostPath(url)}`;
  const arn = provider['arn'] ?? expectedArn;
  if (arn !== expectedArn) reader.report(`${path}.arn`, `is not ${expectedArn}`, 'leave it out or fix it');
  const { maxClientIds, maxThumbprints } = IAM_OIDC_PROVIDER;
  const ca = optionalFile({ owner: provider, name: 'caFile', path }, reader);
  const connectTo = parseConnectTo(provider['connectTo'], `${path}.connectTo`, reader);
  return {
    arn: expectedArn,
    url,
    clientIDs: textList(
      { owner: provider, name: 'clientIDs', path },
      { min: 1, max: maxClientIds, pattern: CLIENT_ID, strings: CLIENT_IDS },
      reader,
    ),
    thumbprints: textList(
      { owner: provider, name: 'thumbprints', path },
      {
        min: 0,
        max: maxThumbprints,
        pattern: /^[0-9a-f]{40}$/i,
        strings: 'SHA-1 fingerprints of 40 hex digits',
      },
      reader,
    ),
    ...(ca === undefined ? {} : { ca }),
    ...(connectTo ? { connectTo } : {}),
  };
}

const CLIENT_ID = {
  test: (text: string) => text.length > 0 && text.length <= IAM_OIDC_PROVIDER.maxClientIdLength,
};
const CLIENT_IDS = `strings of 1 to ${IAM_OIDC_PROVIDER.maxClientIdLength} characters`;

const TOKEN_ACTION = 'sts:AssumeRoleWithWebIdentity';

/** Its providers must be those of its own account. [iam] "Create a role for OIDC federation" */
function takesTokens({ statements }: TrustPolicy): boolean {
  return statements.some((each) => each.federated.length > 0 && isAboutAction(each, TOKEN_ACTION));
}

const ROLE_MEMBERS = ['arn', 'trustPolicy', 'trustPolicyFile', 'policy', 'policyFile', 'maxSessionDuration'];

function parseRole(value: unknown, path: string, reader: Reader): RoleConfig {
  const role = members(value, path, ROLE_MEMBERS, reader);
  const arn = asText(role['arn']) ?? '';
  const parts = parseRoleArn(arn);
  if (!parts) reader.report(`${path}.arn`, 'is not arn:PARTITION:iam::ACCOUNT:role/NAME');
  const { default: fallback, max } = SESSION_DURATION_SECONDS;
  const duration = role['maxSessionDuration'] ?? fallback;
  // IAM's minimum for a role is the default, not the minimum that a call may ask for. [iam] CreateRole
  if (typeof duration !== 'number' || !Number.isInteger(duration) || duration < fallback || duration > max) {
    reader.report(`${path}.maxSessionDuration`, `is not a whole number from ${fallback} to ${max} seconds`);
  }
  if ((role['trustPolicy'] === undefined) === (role['trustPolicyFile'] === undefined))
    reader.report(path, 'needs either trustPolicy or trustPolicyFile');
  if (role['policy'] !== undefined && role['policyFile'] !== undefined)
    reader.report(path, 'has both policy and policyFile');
  const policy = parsePolicy({ owner: role, name: 'policy', path }, parseIdentityPolicy, reader);
  return {
    ...(parts ?? { arn, partition: '', region: '', account: '', path: '', name: '' }),
    trustPolicy: parsePolicy({ owner: role, name: 'trustPolicy', path }, parseTrustPolicy, reader) ?? {
      statements: [],
    },
    ...(policy && { policy }),
    maxSessionDurationSeconds: Number(duration),
  };
}

/** Reads a policy from its member, or from the file that the member with `File` names. */
function parsePolicy<Policy>(
  { owner, name, path }: Field,
  parse: (document: unknown, object: string) => Policy,
  reader: Reader,
): Policy | undefined {
  const file = `${name}File`;
  const inline = owner[name];
  const text = optionalFile({ owner, name: file, path }, reader);
  if ((inline === undefined) === (owner[file] === undefined) || (inline === undefined && text === undefined))
    return undefined;
  try {
    return parse(text === undefined ? inline : parseJson(text), `${reader.object} ${path}.${name}`);
  } catch (thrown) {
    if (thrown instanceof PodroleError) reader.take(thrown.faults);
    else reader.report(`${path}.${file}`, messageOf(thrown));
    return undefined;
  }
}

function parseConnectTo(value: unknown, path: string, reader: Reader): ProviderConfig['connectTo'] {
  if (value === undefined) return undefined;
  const [, host, port] = /^\[?([^\s\]]+?)\]?:(\d{1,5})$/.exec(String(value)) ?? [];
  if (host && port && Number(port) <= 65_535) return { host, port: Number(port) };
  reader.report(path, 'is not HOST:PORT');
  return undefined;
}
