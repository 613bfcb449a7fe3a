import { type IAMClient, ListOpenIDConnectProvidersCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { PodroleError } from '../../lib/errors.ts';
import { iamError, isAbsent } from './iam-fault.ts';

export interface AwsAccount {
  /** Twelve digits. */
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
}

const OWNER_OF_ARN = /^arn:([\w-]+):iam::(\d{12}):/;

/**
 * The account of the credentials, from an ARN of something in it: there is no client of STS at run time (docs/adr/0004-libraries.md).
 * @throws PodroleError `UNKNOWN_ACCOUNT` where the account has neither provider nor role; what IAM refuses, see iam-fault.ts
 */
export async function findAccount(iam: IAMClient): Promise<AwsAccount> {
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
    })) ??
    unknown()
  );
}

async function probe(
  operation: string,
  arnOf: () => Promise<string | undefined>,
): Promise<AwsAccount | undefined> {
  try {
    const [, partition, accountId] = OWNER_OF_ARN.exec((await arnOf()) ?? '') ?? [];
    return partition && accountId ? { partition, accountId } : undefined;
  } catch (thrown) {
    // radosgw says so of an account without any.
    if (isAbsent(thrown)) return undefined;
    throw iamError(thrown, { operation, object: 'account of the credentials' });
  }
}

function unknown(): never {
  throw new PodroleError({
    code: 'UNKNOWN_ACCOUNT',
    object: '--account-id',
    problem: 'is not set, and IAM lists neither OIDC provider nor role whose ARN would tell the account',
    remedy: 'give the twelve digits of the account',
  });
}
