import { parseRoleArn } from '../../lib/arn.ts';

/** The account may be empty. SeaweedFS has no field for it. */
const SESSION_ARN = /^arn:([\w-]+):sts:[^:]*:(?:([\w.-]*):)?assumed-role\/(?:[^:]*\/)?([^/:]+)\/[^/:]+$/;

/** Returns true for the ARN of a session of a role: of its partition, account and name. */
export function isSessionOf(sessionArn: string | undefined, roleArn: string): boolean {
  const role = parseRoleArn(roleArn);
  const [, partition, account = '', name] = SESSION_ARN.exec(sessionArn ?? '') ?? [];
  return role?.partition === partition && role?.account === account && role?.name === name;
}
