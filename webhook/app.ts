import type { Socket } from 'node:net';
import type Koa from 'koa';
import type { Context } from 'koa';
import { REVIEW_MAX_BYTES } from '../lib/contract/kubernetes.ts';
import { messageOf } from '../lib/errors.ts';
import type { BodyBudget, BodyShare } from '../lib/http/body/body-budget.ts';
import { BodyEndedError, BodyTooLargeError, readBody } from '../lib/http/body/read-body.ts';
import { HttpError } from '../lib/http/http-error.ts';
import { createKoaApp } from '../lib/http/koa-app.ts';
import { pathOf } from '../lib/http/request/request-path.ts';
import { type JsonMeasure, measureJson } from '../lib/json/json-bounds.ts';
import type { Logger } from '../lib/logger.ts';
import type { ReviewAnswer } from './admission.ts';
import type { WebhookMetrics } from './metrics.ts';
import { reviewMemoryBytes } from './review-memory.ts';

export interface WebhookApp {
  /** Answers the body of a request; must not throw. */
  readonly review: (body: Buffer, measure: JsonMeasure) => Promise<ReviewAnswer>;
  /** Bounds the memory of all reviews at once. */
  readonly budget: BodyBudget;
  /** Returns true if the client at the other end of this connection may send requests. */
  readonly isCallerAllowed: (socket: Socket) => boolean;
  /** Reports the warnings of an answer to those who do not see the answer. */
  readonly report: (answer: ReviewAnswer) => void;
  readonly metrics: Pick<WebhookMetrics, 'reviewed' | 'roleRefused'>;
  readonly logger: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

/**
 * Creates the HTTP side of the webhook: `POST /mutate`, and `{code, message}` as JSON for everything else.
 */
export function createWebhookApp(options: WebhookApp): Koa {
  const { review, budget, isCallerAllowed, report, metrics, logger, monotonicMs } = options;
  const mutate = async (context: Context) => {
    const startedMs = monotonicMs();
    let result: ReviewAnswer['result'] = 'denied';
    const share = budget.open();
    try {
      const { body: reviewBody, measure } = await readReviewBody(context, share);
      const answer = await review(reviewBody, measure);
      result = answer.result;
      context.status = answer.status;
      context.type = 'application/json';
      if (answer.status === 503) sendAgain(context);
      const body = Buffer.from(answer.status === 503 ? JSON.stringify(UNANSWERED) : answer.body);
      context.body = body;
      share.answered(body.length, () => context.req.socket.destroy());
      log(logger, answer);
      for (const rule of answer.refused?.rules ?? [])
        metrics.roleRefused(rule, answer.refused?.mode ?? 'warn');
      report(answer);
    } catch (thrown) {
      if (thrown instanceof HttpError && thrown.status === 503) {
        result = 'failed';
        sendAgain(context);
      }
      throw thrown;
    } finally {
      releaseOnceDelivered(context, share);
      metrics.reviewed(result, (monotonicMs() - startedMs) / 1000);
    }
  };
  return createKoaApp({ logger, undeliveredLevel: 'warn' }).use(async (context) => {
    if (pathOf(context) !== '/mutate')
      throw new HttpError(404, 'NOT_FOUND', 'only POST /mutate is answered here');
    if (context.method !== 'POST') {
      context.set('Allow', 'POST');
      throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'only POST is answered here');
    }
    if (!isCallerAllowed(context.req.socket)) {
      throw new HttpError(
        403,
        'CALLER_NOT_ALLOWED',
        'the name in the client certificate is not one of --client-name',
      );
    }
    await mutate(context);
  });
}

/** Releases the memory of an answer once the client has read it, or is gone. */
function releaseOnceDelivered({ req, res }: Context, share: BodyShare): void {
  if (req.socket.destroyed) share.release();
  else res.once('close', share.release);
}

/**
 * Answer to an admission request that could not be decided. Every client that reaches the port gets it, so
 * what the API server said, and who asked it, is only in the log.
 */
const UNANSWERED = {
  code: 'UNAVAILABLE',
  message: 'the admission request could not be decided; the log of podrole says why',
} as const;

/**
 * Makes an API server send the admission request again, within the timeout of its webhook configuration.
 * [k8s] client-go, `withRetry`
 */
function sendAgain(context: Context): void {
  context.set('Retry-After', '1');
}

interface ReviewBody {
  readonly body: Buffer;
  readonly measure: JsonMeasure;
}

async function readReviewBody(context: Context, share: BodyShare): Promise<ReviewBody> {
  const { headers } = context.req;
  const type = headers['content-type'] ?? '';
  if (type !== 'application/json' && type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be application/json');
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding is not supported');
  }
  const body = await readWhole(context, share);
  const measure = measureJson(body);
  if (!share.arrived(reviewMemoryBytes(body, measure))) throw overloaded();
  return { body, measure };
}

async function readWhole(context: Context, share: BodyShare): Promise<Buffer> {
  try {
    return await readBody(context.req, REVIEW_MAX_BYTES, share);
  } catch (thrown) {
    context.set('Connection', 'close');
    if (thrown instanceof BodyEndedError) throw overloaded();
    if (!(thrown instanceof BodyTooLargeError))
      throw new HttpError(400, 'UNREADABLE_BODY', messageOf(thrown));
    throw new HttpError(413, 'BODY_TOO_LARGE', `an admission request has at most ${REVIEW_MAX_BYTES} bytes`);
  }
}

function overloaded(): HttpError {
  return new HttpError(503, 'OVERLOADED', 'too many admission requests at once; this one had to make room');
}

/**
 * Writes one line per patched pod, refused role or fault; never a body. An unchanged pod has a line at level
 * debug only.
 */
function log(logger: Logger, { result, subject, warnings, message, fault, refused }: ReviewAnswer): void {
  if (refused) {
    const { mode: policy, reasons } = refused;
    logger.warn({ ...subject, policy, reasons }, 'role refused by a rule');
  }
  if (result === 'patched') logger.info(subject, 'pod patched');
  else if (result === 'warned') logger.warn({ ...subject, warnings }, 'pod with warnings');
  else if (result === 'denied' || result === 'forbidden')
    logger.warn({ ...subject, reason: message }, 'review refused');
  else if (result === 'failed') logger.error({ ...subject, err: fault }, 'review failed');
  else logger.debug(subject, result);
}
