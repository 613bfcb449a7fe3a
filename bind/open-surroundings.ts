import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { connect } from '../kubernetes/connect.ts';
import type { ClusterChoice } from '../kubernetes/kube-config.ts';
import { partitionOfRegion } from '../lib/arn.ts';
import { type Fault, PodroleError, throwIfAny } from '../lib/errors.ts';
import { iamIssuerProblem } from '../lib/issuer.ts';
import type { Env, Output } from '../lib/surroundings.ts';
import { apiServerKeys } from '../oidc/sources/api-server-keys.ts';
import { type AwsAccount, findAccount } from './iam/account.ts';
import { openIam } from './iam/open-iam.ts';

/** What a command of this room may touch of the process. */
export interface BindSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/**
 * The issuer of `--issuer`, else what the API server says.
 * @param cluster opens the API server
 * @throws PodroleError `INVALID_ISSUER` where IAM would not take it; `API_UNREACHABLE`, `API_REFUSED`
 */
export async function findIssuer(
  given: string | undefined,
  cluster: () => ApiClient,
  signal: AbortSignal,
): Promise<string> {
  const issuer = given ?? (await apiServerKeys(cluster()).readIssuer(signal));
  const fault = issuerFault(issuer, given === undefined ? 'issuer of the API server' : '--issuer');
  if (fault) throw new PodroleError(fault);
  return issuer;
}

/** The fault of an issuer that IAM would not take; undefined where it does. */
export function issuerFault(issuer: string, origin: string): Fault | undefined {
  const problem = iamIssuerProblem(issuer);
  const remedy =
    "give the API server's --service-account-issuer, an https URL without port that AWS can reach";
  return problem ? { code: 'INVALID_ISSUER', object: `${origin} ${issuer}`, problem, remedy } : undefined;
}

/** What the commands of this room read from and write to. */
export interface IamAndCluster {
  readonly iam: IAMClient;
  /** The cluster, opened once and where it is needed. */
  readonly cluster: () => ApiClient;
}

/**
 * Opens IAM for the partition of the settings, and the cluster where it is asked for; both are closed when the use of them ends.
 * @throws PodroleError what openIam and connect throw, and what the use throws
 */
export async function withIamAndCluster<Result>(
  settings: ClusterChoice & Pick<AccountSettings, 'partition'>,
  env: BindSurroundings['env'],
  use: (opened: IamAndCluster) => Promise<Result>,
): Promise<Result> {
  let client: ApiClient | undefined;
  const cluster = () => {
    client ??= connect(settings, env);
    return client;
  };
  const iam = await openIam(settings.partition);
  try {
    return await use({ iam, cluster });
  } finally {
    iam.destroy();
    client?.close();
  }
}

export interface AccountSettings {
  readonly accountId: string | undefined;
  readonly partition: string | undefined;
}

/**
 * The account of `--account-id`, else of the credentials.
 * @throws PodroleError `INVALID_SETTING`, `UNKNOWN_ACCOUNT`; what IAM refuses
 */
export async function findAccountOf(
  { accountId, partition }: AccountSettings,
  env: BindSurroundings['env'],
  iam: IAMClient,
): Promise<AwsAccount> {
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  if (accountId !== undefined && !/^\d{12}$/.test(accountId))
    refuse('--account-id', `is ${accountId}`, 'give twelve digits');
  if (partition !== undefined && !/^aws(-[a-z]+)*$/.test(partition)) {
    refuse('--partition', `is ${partition}`, 'give aws, aws-cn or aws-us-gov');
  }
  throwIfAny(faults);
  if (accountId === undefined) {
    const found = await findAccount(iam);
    return { ...found, partition: partition ?? found.partition };
  }
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? '';
  return { accountId, partition: partition ?? partitionOfRegion(region) };
}
