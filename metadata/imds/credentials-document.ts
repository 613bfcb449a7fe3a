import type { Session } from '../../credentials/session.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * Returns the document at `iam/security-credentials/ROLE`. EC2 User Guide, "Retrieve security credentials
 * from instance metadata". Go's SDK accepts it only with `Code: "Success"`.
 */
export function credentialsDocument(session: Session): string {
  return spacedJson({
    Code: 'Success',
    LastUpdated: dateWithoutMilliseconds(session.obtainedAt),
    Type: 'AWS-HMAC',
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    Token: session.sessionToken,
    Expiration: dateWithoutMilliseconds(session.expiration),
  });
}
