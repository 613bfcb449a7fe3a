import { STS_API } from '../lib/contract/sts.ts';
import type { HttpError } from '../lib/http/http-error.ts';
import type { Session } from './sessions.ts';

/** Content of the answer to AssumeRoleWithWebIdentity. */
export interface AssumedRole {
  readonly session: Session;
  readonly subject: string;
  readonly audience: string;
  /** ARN of the OIDC provider. */
  readonly provider: string;
}

export function assumeRoleXml(
  { session, subject, audience, provider }: AssumedRole,
  requestId: string,
): string {
  return answer(
    'AssumeRoleWithWebIdentity',
    `    <SubjectFromWebIdentityToken>${escaped(subject)}</SubjectFromWebIdentityToken>
    <Audience>${escaped(audience)}</Audience>
    <Provider>${escaped(provider)}</Provider>
${sessionXml(session)}`,
    requestId,
  );
}

/** Renders the answer to AssumeRole. */
export function chainedRoleXml(session: Session, requestId: string): string {
  return answer('AssumeRole', sessionXml(session), requestId);
}

function sessionXml(session: Session): string {
  return `    <AssumedRoleUser>
      <AssumedRoleId>${escaped(session.assumedRoleId)}</AssumedRoleId>
      <Arn>${escaped(session.arn)}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${session.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>
      <SessionToken>${session.sessionToken}</SessionToken>
      <Expiration>${session.expiresAt.toISOString().replace(/\.\d+/, '')}</Expiration>
    </Credentials>`;
}

export function callerIdentityXml({ arn, assumedRoleId, account }: Session, requestId: string): string {
  return answer(
    'GetCallerIdentity',
    `    <Arn>${escaped(arn)}</Arn>
    <UserId>${escaped(assumedRoleId)}</UserId>
    <Account>${account}</Account>`,
    requestId,
  );
}

/** Renders an error. Errors before an action is known have their own namespace. */
export function errorXml({ code, message, status }: HttpError, requestId: string): string {
  const namespace =
    code === 'InvalidAction' || code === 'MissingAction' ? STS_API.faultNamespace : STS_API.namespace;
  return `<ErrorResponse xmlns="${namespace}">
  <Error>
    <Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>
    <Code>${code}</Code>
    <Message>${escaped(message)}</Message>
  </Error>
  <RequestId>${requestId}</RequestId>
</ErrorResponse>
`;
}

function answer(action: string, result: string, requestId: string): string {
  return `<${action}Response xmlns="${STS_API.namespace}">
  <${action}Result>
${result}
  </${action}Result>
  <ResponseMetadata>
    <RequestId>${requestId}</RequestId>
  </ResponseMetadata>
</${action}Response>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Escapes text. Characters that XML 1.0 cannot contain, even as entities, become the replacement character.
 */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');
}
