import type { Session } from '../../credentials/session.ts';
import { awsAccountOf, type RoleArn } from '../../lib/arn.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';

/**
 * The answer of a container credentials endpoint. [sdk] "Container credential provider"
 *
 * AccountId is optional. SDKs only put it into host names of AWS, so a role of another server has none.
 */
export function containerCredentialsDocument(session: Session, role: RoleArn): object {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    Token: session.sessionToken,
    Expiration: dateWithoutMilliseconds(session.expiration),
    RoleArn: role.arn,
    // JSON leaves an undefined field out.
    AccountId: awsAccountOf(role),
  };
}
