import { STS_API } from '../../lib/contract/sts.ts';
import type { Session } from '../session.ts';
import { ExchangeError } from './exchange-error.ts';
import { postForm } from './post-form.ts';
import { sessionLifetime } from './session-lifetime.ts';
import { readStsAnswer } from './sts-answer.ts';
import { readWebIdentityToken } from './web-identity-token.ts';

export interface ExchangeTarget {
  readonly endpoint: URL;
  readonly caFile: string | undefined;
  /** Proxy that leads to the endpoint; default: none. */
  readonly proxy?: URL | undefined;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tokenFile: string;
}

export interface ExchangedSession {
  readonly session: Session;
  /** Lifetime, counted from the request: never longer than was asked for. */
  readonly lifetimeMs: number;
  /**
   * Time by which the clock of this machine is ahead of that of STS, to about a second; undefined if STS did
   * not send its time.
   */
  readonly clockAheadMs: number | undefined;
  /** ARN of the session; undefined if STS did not name it. */
  readonly assumedRoleArn?: string | undefined;
}

/** STS answers in a tenth of a second. Clients that wait for the exchange give up after some seconds. */
const TIMEOUT_MS = 10_000;
/** An answer has two or three thousand bytes. */
const MAX_ANSWER_BYTES = 128 * 1024;

/**
 * Exchanges the current token of the file for a session of the role, by AssumeRoleWithWebIdentity, which is
 * not signed.
 * @param signal ends the exchange when the process stops
 * @throws ExchangeError
 */
export async function exchangeToken(
  target: ExchangeTarget,
  now: () => Date,
  signal: AbortSignal,
): Promise<ExchangedSession> {
  const token = await readWebIdentityToken(target.tokenFile);
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: STS_API.version,
    RoleArn: target.roleArn,
    RoleSessionName: target.sessionName,
    DurationSeconds: String(target.durationSeconds),
    WebIdentityToken: token,
  });
  const obtainedAt = now();
  const { caFile, proxy } = target;
  const answer = await postForm(target.endpoint, form, {
    caFile,
    proxy,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    signal,
  });
  const object = `STS ${target.endpoint.origin} for ${target.roleArn}`;
  const { assumedRoleArn, ...credentials } = readStsAnswer(answer.status, answer.body, {
    object,
    secrets: [token],
  });
  const { lifetimeMs, expiration } = sessionLifetime({
    askedAt: obtainedAt,
    now: now(),
    durationMs: target.durationSeconds * 1_000,
    expiration: credentials.expiration,
    stsNow: answer.date,
  });
  if (lifetimeMs <= 0) {
    throw new ExchangeError(
      {
        code: 'STS_ANSWER_INVALID',
        object,
        problem: `gave credentials that expired at ${credentials.expiration.toISOString()}`,
        remedy: 'correct the clocks of STS and of this machine',
      },
      'soon',
    );
  }
  return {
    session: { ...credentials, expiration, obtainedAt },
    lifetimeMs,
    assumedRoleArn,
    clockAheadMs: answer.date && now().getTime() - answer.date.getTime(),
  };
}
