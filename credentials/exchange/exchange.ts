import { STS_API } from '../../lib/contract/sts.ts';
import type { Session } from '../session.ts';
import { ExchangeError } from './exchange-error.ts';
import { type FormAnswer, postForm } from './post-form.ts';
import { sessionLifetime } from './session-lifetime.ts';
import type { StsAddress } from './sts-address.ts';
import { readStsAnswer, type StsCredentials } from './sts-answer.ts';
import type { StsSpeaker } from './sts-refusal.ts';
import { readWebIdentityToken } from './web-identity-token.ts';

export interface ExchangeTarget extends StsAddress {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tokenFile: string;
  /** Reads the token of the file; default: readWebIdentityToken. */
  readonly readToken?: (file: string) => Promise<string>;
  /** Session policy, as JSON: the session may do only what it allows as well. */
  readonly policy?: string | undefined;
  /** Remedies for a refusal, by the code of STS; default: those for the token of a ServiceAccount. */
  readonly remedies?: Readonly<Record<string, string>>;
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
  const { readToken = readWebIdentityToken, policy, remedies } = target;
  const token = await readToken(target.tokenFile);
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: STS_API.version,
    RoleArn: target.roleArn,
    RoleSessionName: target.sessionName,
    DurationSeconds: String(target.durationSeconds),
    WebIdentityToken: token,
    ...(policy !== undefined && { Policy: policy }),
  });
  const speaker = { object: objectOf(target), secrets: [token], ...(remedies && { remedies }) };
  const call = { ...target, form, speaker };
  return askForSession(call, now, signal);
}

/** Name of an STS and of what it is asked for, in errors. */
export function objectOf({ endpoint, roleArn }: Pick<ExchangeTarget, 'endpoint' | 'roleArn'>): string {
  return `STS ${endpoint.origin} for ${roleArn}`;
}

/** Call that STS answers with the credentials of a session. */
export interface SessionCall extends StsAddress {
  readonly form: URLSearchParams;
  /** As in the form. */
  readonly durationSeconds: number;
  /** Headers of the signature, if the call has one. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly speaker: StsSpeaker;
}

/**
 * Sends a call to STS, and computes the lifetime of the session that STS answers with.
 * @throws ExchangeError
 */
export async function askForSession(
  { endpoint, caFile, proxy, form, durationSeconds, headers = {}, speaker }: SessionCall,
  now: () => Date,
  signal: AbortSignal,
): Promise<ExchangedSession> {
  const obtainedAt = now();
  const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES };
  const answer = await postForm(endpoint, form, { caFile, proxy, ...limits, signal, headers });
  const clockAheadMs = answer.date && now().getTime() - answer.date.getTime();
  const { assumedRoleArn, ...credentials } = readAnswer(answer, speaker, clockAheadMs);
  const { lifetimeMs, expiration } = sessionLifetime({
    askedAt: obtainedAt,
    now: now(),
    durationMs: durationSeconds * 1_000,
    expiration: credentials.expiration,
    stsNow: answer.date,
  });
  if (lifetimeMs <= 0) {
    throw new ExchangeError(
      {
        code: 'STS_ANSWER_INVALID',
        object: speaker.object,
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
    clockAheadMs,
  };
}

/** A refusal may be due to the clock of this machine, so its error says how far off that is. */
function readAnswer(
  { status, body }: FormAnswer,
  speaker: StsSpeaker,
  clockAheadMs: number | undefined,
): StsCredentials {
  try {
    return readStsAnswer(status, body, speaker);
  } catch (thrown) {
    if (!(thrown instanceof ExchangeError)) throw thrown;
    throw new ExchangeError(thrown.faults, thrown.retry, { cause: thrown, clockAheadMs });
  }
}
