import type { Session } from '../../credentials/session.ts';
import { composeRoleArn, type RoleArn } from '../../lib/arn.ts';
import { dateWithoutMilliseconds } from '../date-without-milliseconds.ts';

/** The answer of a container credentials endpoint. [sdk] "Container credential provider" */
export function containerCredentialsDocument(session: Session, role: RoleArn): object {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    Token: session.sessionToken,
    Expiration: dateWithoutMilliseconds(session.expiration),
    RoleArn: composeRoleArn(`${role.path}${role.name}`, role.account, role.partition),
    AccountId: role.account,
  };
}
