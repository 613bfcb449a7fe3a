import Koa, { type Context, type Middleware } from 'koa';
import { REVIEW_MAX_BYTES } from '../lib/contract.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { BodyTooLargeError, readBody } from '../lib/read-body.ts';
import type { ReviewAnswer } from './admission.ts';
import type { WebhookMetrics } from './metrics.ts';

export interface WebhookApp {
  /** Answers the body of a request; must not throw. */
  readonly review: (body: Buffer) => Promise<ReviewAnswer>;
  readonly metrics: Pick<WebhookMetrics, 'reviewed'>;
  readonly logger: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

/** The HTTP side of the webhook: `POST /mutate`, and `{code, message}` as JSON for everything that is no review. */
export function createWebhookApp({ review, metrics, logger, monotonicMs }: WebhookApp): Koa {
  const mutate = async (context: Context) => {
    const startedMs = monotonicMs();
    let result: ReviewAnswer['result'] = 'denied';
    try {
      const answer = await review(await readReviewBody(context));
      result = answer.result;
      context.status = answer.status;
      context.type = 'application/json';
      context.body = answer.body;
      log(logger, answer);
    } finally {
      metrics.reviewed(result, (monotonicMs() - startedMs) / 1000);
    }
  };
  const app = new Koa();
  app.on('error', (thrown: unknown) => logger.warn({ err: thrown }, 'answer not delivered'));
  app.use(answerFaults(logger));
  app.use(async (context) => {
    if (context.path !== '/mutate')
      throw new HttpFault(404, 'NOT_FOUND', 'only POST /mutate is answered here');
    if (context.method !== 'POST') {
      context.set('Allow', 'POST');
      throw new HttpFault(405, 'METHOD_NOT_ALLOWED', 'only POST is answered here');
    }
    await mutate(context);
  });
  return app;
}

/** A request that is answered by an HTTP status and `{code, message}`. */
class HttpFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function answerFaults(logger: Logger): Middleware {
  return async (context, next) => {
    try {
      await next();
    } catch (thrown) {
      const fault =
        thrown instanceof HttpFault
          ? thrown
          : new HttpFault(500, 'INTERNAL', 'internal fault; see the log of podrole');
      context.status = fault.status;
      context.body = { code: fault.code, message: fault.message };
      if (fault === thrown) logger.debug({ status: fault.status, code: fault.code }, 'request refused');
      else logger.error({ err: thrown }, 'request failed');
    }
  };
}

async function readReviewBody(context: Context): Promise<Buffer> {
  const { headers } = context.req;
  const type = headers['content-type'] ?? '';
  if (type !== 'application/json' && type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new HttpFault(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be application/json');
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new HttpFault(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding is not supported');
  }
  try {
    return await readBody(context.req, REVIEW_MAX_BYTES);
  } catch (thrown) {
    if (!(thrown instanceof BodyTooLargeError))
      throw new HttpFault(400, 'UNREADABLE_BODY', messageOf(thrown));
    context.set('Connection', 'close');
    throw new HttpFault(413, 'BODY_TOO_LARGE', `a review has at most ${REVIEW_MAX_BYTES} bytes`);
  }
}

/** One line a patched pod or fault; never a body. An unchanged pod is not worth one at level info. */
function log(logger: Logger, { result, subject, warnings, message, fault }: ReviewAnswer): void {
  if (result === 'patched') logger.info(subject, 'pod patched');
  else if (result === 'warned') logger.warn({ ...subject, warnings }, 'pod with warnings');
  else if (result === 'denied') logger.warn({ ...subject, reason: message }, 'review refused');
  else if (result === 'failed') logger.error({ ...subject, err: fault }, 'review failed');
  else logger.debug(subject, result);
}
