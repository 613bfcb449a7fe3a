import { AssumeRoleWithWebIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { readRefusal } from '../../../credentials/exchange/sts-refusal.ts';
import { parseXml } from '../../../credentials/exchange/xml-tree.ts';
import { systemClock } from '../../../lib/clock.ts';
import { ENV } from '../../../lib/contract/sdk.ts';
import { SESSION_NAME } from '../../../lib/contract/sts.ts';
import { messagesOf } from '../../../lib/errors.ts';
import { failureReason } from '../../../lib/http/failure-reason.ts';
import { awsAgents } from '../../../lib/http/proxy/outgoing.ts';
import { proxyFor } from '../../../lib/http/proxy/proxy-for.ts';
import type { Env } from '../../../lib/surroundings.ts';
import { printable } from '../../../lib/text/printable.ts';
import { redactSecrets } from '../../../lib/text/redact.ts';
import type { ExchangeFacts } from '../../facts/aws-facts.ts';
import { rememberAnswer, type SeenAnswer } from './remember-answer.ts';
import type { StsAddress } from './sts-address.ts';

export interface ExchangeQuestion extends StsAddress {
  readonly roleArn: string;
  readonly token: string;
  /** Variables of the pod, which may name the session. */
  readonly podEnv: Env;
  /** Undefined: that of the SDKs, an hour. */
  readonly durationSeconds: number | undefined;
  /** Names the proxies and AWS_CA_BUNDLE. */
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** Of all attempts together. */
const TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 2;
/** Most characters that are repeated of what STS or this machine's network says. */
const MAX_SAID_LENGTH = 600;
const OWN_SESSION_NAME = 'podrole-doctor';

/**
 * Exchanges a token by one AssumeRoleWithWebIdentity, which needs no credentials. The credentials of the
 * answer are dropped.
 * @throws PodroleError for settings of the proxy or of AWS_CA_BUNDLE that cannot be used
 */
export async function exchangeToken(question: ExchangeQuestion): Promise<ExchangeFacts> {
  const { region, endpoint, token, signal, env } = question;
  const isProxied = proxyFor(endpoint, env) !== undefined;
  const client = createClient({ region, endpoint: endpoint.href, requestHandler: await awsAgents(env) });
  const lastAnswer = rememberAnswer(client);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const beganMs = systemClock.monotonicMs();
  const outcome = await assumeRole(client, question, AbortSignal.any([signal, timeout])).catch(
    (thrown: unknown) => {
      // An answer to the first attempt counts if the second one gets none. An STS that cannot reach the
      // issuer takes five seconds for each.
      const answer = lastAnswer();
      return answer ? refusalOf(answer, token) : unanswered(thrown, timeout.aborted, token);
    },
  );
  client.destroy();
  const clockSkewMs = lastAnswer()?.clockSkewMs;
  return {
    endpoint: endpoint.href,
    region,
    isProxied,
    tookMs: Math.round(systemClock.monotonicMs() - beganMs),
    outcome,
    ...(clockSkewMs !== undefined && { clockSkewSeconds: Math.round(clockSkewMs / 1_000) }),
  };
}

function createClient(config: STSClientConfig): STSClient {
  return new STSClient({
    ...config,
    maxAttempts: MAX_ATTEMPTS,
    // The endpoint is already that of the pod's variables; those of this process must not change it.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    // With AWS_DEFAULTS_MODE=auto, the SDK would ask the instance metadata for the region.
    defaultsMode: 'legacy',
  });
}

/** @throws what the SDK throws, and an error for an answer without credentials */
async function assumeRole(
  client: STSClient,
  { roleArn, token, podEnv, durationSeconds }: ExchangeQuestion,
  abortSignal: AbortSignal,
): Promise<ExchangeFacts['outcome']> {
  const given = podEnv[ENV.roleSessionName] ?? '';
  const { AssumedRoleUser, Credentials } = await client.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: SESSION_NAME.pattern.test(given) ? given : OWN_SESSION_NAME,
      WebIdentityToken: token,
      ...(durationSeconds !== undefined && { DurationSeconds: durationSeconds }),
    }),
    { abortSignal },
  );
  if (!Credentials?.AccessKeyId) throw new Error('the answer has no credentials');
  return {
    kind: 'session',
    assumedRoleArn: shortened(AssumedRoleUser?.Arn ?? '', token),
    expiresAt: Credentials.Expiration?.toISOString() ?? '',
  };
}

/** Only status and code are used; the SDK does not find the code in the errors of radosgw. */
function refusalOf({ status, body }: SeenAnswer, token: string): ExchangeFacts['outcome'] {
  const { code, message, requestId } = readRefusal(parseXml(body), [token]);
  const said = printable(message) || `HTTP status ${status}`;
  return { kind: 'refused', status, code: printable(code), ...(requestId && { requestId }), said };
}

function unanswered(thrown: unknown, isLate: boolean, token: string): ExchangeFacts['outcome'] {
  return isLate
    ? { kind: 'unreachable', reason: 'timeout', said: `no answer within ${TIMEOUT_MS / 1_000} s` }
    : { kind: 'unreachable', reason: failureReason(thrown), said: shortened(messagesOf(thrown), token) };
}

function shortened(text: string, token: string): string {
  return printable(redactSecrets(text, [token])).slice(0, MAX_SAID_LENGTH);
}
