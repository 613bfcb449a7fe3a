import { type IAMClient, ListOpenIDConnectProvidersCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { partitionOfRegion } from '../../lib/arn.ts';
import { type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { awsAgents } from '../../lib/http/proxy/outgoing.ts';
import { proxyFaultOf } from '../../lib/http/proxy/proxy-fault.ts';
import { ACCOUNT_REMEDY } from '../../lib/settings/account-setting.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { AwsAccount } from './account.ts';
import { iamError, isAbsent } from './iam-fault.ts';

export interface AccountSettings {
  /** Empty for Ceph's default tenant. */
  readonly accountId: string | undefined;
  readonly partition: string | undefined;
  /** AWS profile, if the client was opened for one. */
  readonly profile?: string | undefined;
}

/** Of all attempts together. IAM can still name the account if STS is out of reach. */
const STS_TIMEOUT_MS = 10_000;
const OWNER_OF_ARN = /^arn:([\w-]+):(?:iam|sts)::([\w.-]*):/;

/**
 * Returns the account that `--account-id` gives, else that of the credentials: from sts:GetCallerIdentity,
 * which needs no right. If STS does not answer, for example because a server such as Ceph's radosgw lacks the
 * call, the account is taken from an ARN that IAM lists.
 * @throws PodroleError `UNKNOWN_ACCOUNT`, after the faults of IAM if it refused the lists
 */
export async function findAccount(
  { accountId, partition, profile }: AccountSettings,
  env: Env,
  iam: IAMClient,
): Promise<AwsAccount> {
  if (accountId !== undefined) {
    const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? '';
    return { accountId, partition: partition ?? partitionOfRegion(region) };
  }
  const found = await accountOfCredentials(env, iam, profile);
  return { ...found, partition: partition ?? found.partition };
}

async function accountOfCredentials(
  env: Env,
  iam: IAMClient,
  profile: string | undefined,
): Promise<AwsAccount> {
  const fromSts = await askSts(env, iam, profile);
  if (typeof fromSts !== 'string') return fromSts;
  const fault: Fault = {
    code: 'UNKNOWN_ACCOUNT',
    object: '--account-id',
    problem: `is not set, ${fromSts}, and IAM lists no OIDC provider or role whose ARN names the account`,
    remedy: ACCOUNT_REMEDY,
  };
  try {
    const fromIam = await accountOfLists(iam);
    if (fromIam) return fromIam;
  } catch (thrown) {
    // Without credentials both fail for the same reason.
    if (!(thrown instanceof PodroleError) || thrown.code === 'NO_AWS_CREDENTIALS') throw thrown;
    throw new PodroleError([...thrown.faults, { ...fault, problem: `is not set, and ${fromSts}` }], {
      cause: thrown,
    });
  }
  throw new PodroleError(fault);
}

/** Returns the account, or the reason why STS did not name it. */
async function askSts(env: Env, iam: IAMClient, profile: string | undefined): Promise<AwsAccount | string> {
  // An IAM of its own may hold another account than the one that AWS's STS knows for the same credentials.
  if (env['AWS_ENDPOINT_URL_IAM'] && !env['AWS_ENDPOINT_URL_STS'] && !env['AWS_ENDPOINT_URL']) {
    return 'AWS_ENDPOINT_URL_IAM is set without AWS_ENDPOINT_URL_STS';
  }
  const { region, credentials } = iam.config;
  const sts = new STSClient({
    ...(profile !== undefined && { profile }),
    region,
    credentials,
    requestHandler: await awsAgents(env),
  });
  try {
    const abortSignal = AbortSignal.timeout(STS_TIMEOUT_MS);
    const { Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal });
    return ownerOf(arn) ?? 'sts:GetCallerIdentity answered without the ARN of an account';
  } catch (thrown) {
    if (proxyFaultOf(thrown)) return `sts:GetCallerIdentity failed: ${messageOf(thrown)}`;
    const name = thrown instanceof Error ? thrown.name : 'error';
    return `sts:GetCallerIdentity failed: ${name}: ${messageOf(thrown)}`;
  } finally {
    sts.destroy();
  }
}

async function accountOfLists(iam: IAMClient): Promise<AwsAccount | undefined> {
  return (
    (await probe('ListOpenIDConnectProviders', async () => {
      const { OpenIDConnectProviderList: list = [] } = await iam.send(
        new ListOpenIDConnectProvidersCommand({}),
      );
      return list[0]?.Arn;
    })) ??
    (await probe('ListRoles', async () => {
      const { Roles: roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1 }));
      return roles[0]?.Arn;
    }))
  );
}

async function probe(
  operation: string,
  arnOf: () => Promise<string | undefined>,
): Promise<AwsAccount | undefined> {
  try {
    return ownerOf((await arnOf()) ?? '');
  } catch (thrown) {
    // The answer of radosgw for an account without any.
    if (isAbsent(thrown)) return undefined;
    throw iamError(thrown, { operation, object: 'account of the credentials' });
  }
}

function ownerOf(arn: string): AwsAccount | undefined {
  const [, partition, accountId] = OWNER_OF_ARN.exec(arn) ?? [];
  return partition && accountId !== undefined ? { partition, accountId } : undefined;
}
