import { composeRoleArn, parseRoleArn } from '../../../../lib/arn.ts';

interface Account {
  readonly accountId: string;
  readonly partition: string;
}

const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const SESSION = /^arn:([a-z-]{1,63}):sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\//;
const NEAR_ARN = /^arn:+([a-z-]{1,63}):+iam:+(\d{12}):+(?:roles?|instance-profile)[/:]+([^/:].{0,599})$/i;

/**
 * Returns the role ARN that a malformed value was probably meant to be; undefined if that is a guess.
 * @param account that of the credentials, for a value that is only a name
 */
export function roleArnMeant(given: string, account: Account | undefined): string | undefined {
  const bare = given.trim().replace(/^["']|["']$/g, '');
  const [, partition, accountId, name] = SESSION.exec(bare) ?? NEAR_ARN.exec(bare) ?? [];
  const candidates = [
    bare,
    partition && accountId && name ? composeRoleArn(name, accountId, partition) : undefined,
    account && ROLE_NAME.test(bare.replace(/^role\//, ''))
      ? composeRoleArn(bare.replace(/^role\//, ''), account.accountId, account.partition)
      : undefined,
  ];
  return candidates.find((candidate) => candidate !== undefined && parseRoleArn(candidate));
}
