import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import { pathOf } from './request-path.ts';

export interface HealthApp {
  /** What is still missing before requests may come, or why they no longer may; empty when ready. */
  readonly notReady: () => readonly string[];
  readonly registry: Registry;
  readonly logger: Logger;
}

/** `/healthz` (alive), `/readyz` (may be sent requests) and `/metrics`, in plain HTTP on a port of their own. */
export function createHealthApp({ notReady, registry, logger }: HealthApp): Koa {
  const answers: Readonly<Record<string, (context: Koa.Context) => Promise<void> | void>> = {
    '/healthz': (context) => {
      context.body = { status: 'ok' };
    },
    '/readyz': (context) => {
      const reasons = notReady();
      context.status = reasons.length === 0 ? 200 : 503;
      context.body = { ready: reasons.length === 0, reasons };
    },
    '/metrics': async (context) => {
      context.type = registry.contentType;
      context.body = await registry.metrics();
    },
  };
  const app = new Koa();
  app.on('error', (thrown: unknown) =>
    logger.warn({ err: thrown }, 'answer on the metrics port not delivered'),
  );
  return app.use(async (context) => {
    const answer = answers[pathOf(context) ?? ''];
    if (answer === undefined) {
      context.status = 404;
      context.body = { code: 'NOT_FOUND', message: 'only /healthz, /readyz and /metrics are answered here' };
    } else if (context.method === 'GET' || context.method === 'HEAD') {
      await answer(context);
    } else {
      context.status = 405;
      context.set('Allow', 'HEAD, GET');
    }
  });
}
