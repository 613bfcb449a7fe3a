import Koa, { type DefaultState, type Middleware, type ParameterizedContext } from 'koa';
import type { Logger } from '../logger.ts';
import { HttpError } from './http-error.ts';

/** Form in which an app answers and logs errors. */
export interface ErrorForm<State> {
  /** Answer to an internal error. */
  readonly internal: HttpError;
  /** Writes the body of an answer; its status is set already. */
  readonly write: (context: ParameterizedContext<State>, error: HttpError) => void;
  readonly logRefused: (context: ParameterizedContext<State>, error: HttpError) => void;
  readonly logFailed: (context: ParameterizedContext<State>, thrown: unknown) => void;
}

export interface KoaAppOptions {
  readonly logger: Logger;
  /**
   * Log level of an answer that did not reach its client: `debug` if the clients are strangers, who leave as
   * they like.
   */
  readonly undeliveredLevel: 'warn' | 'debug';
}

/**
 * Creates an app that logs every error and answers it; see `answerErrors`. No other file creates Koa apps.
 */
export function createKoaApp<State = DefaultState>(
  { logger, undeliveredLevel }: KoaAppOptions,
  form: ErrorForm<State> = jsonForm(logger),
): Koa<State> {
  const app = new Koa<State>();
  app.on('error', (thrown: unknown) => logger[undeliveredLevel]({ err: thrown }, 'answer not delivered'));
  app.use(answerErrors(form));
  return app;
}

/** Answers what later middleware throws, by the status of an HttpError or as an internal error. */
function answerErrors<State>({
  internal,
  write,
  logRefused,
  logFailed,
}: ErrorForm<State>): Middleware<State> {
  return async (context, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = thrown instanceof HttpError ? thrown : internal;
      context.status = error.status;
      write(context, error);
      if (error === thrown) logRefused(context, error);
      else logFailed(context, thrown);
    }
  };
}

/** `{code, message}` as JSON. */
function jsonForm<State>(logger: Logger): ErrorForm<State> {
  return {
    internal: new HttpError(500, 'INTERNAL', 'internal fault; see the log of podrole'),
    write: (context, { code, message }) => {
      context.body = { code, message };
    },
    logRefused: (_context, { status, code }) => logger.debug({ status, code }, 'request refused'),
    logFailed: (_context, thrown) => logger.error({ err: thrown }, 'request failed'),
  };
}
