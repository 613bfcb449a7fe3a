import Router from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../lib/logger.ts';

export interface HealthApp {
  /** What is still missing before reviews may come, or why they no longer may; empty when ready. */
  readonly notReady: () => readonly string[];
  readonly registry: Registry;
  readonly logger: Logger;
}

/** `/healthz` (alive), `/readyz` (may be sent reviews) and `/metrics`, in plain HTTP on a port of their own. */
export function createHealthApp({ notReady, registry, logger }: HealthApp): Koa {
  const router = new Router();
  router.get('/healthz', (context) => {
    context.body = { status: 'ok' };
  });
  router.get('/readyz', (context) => {
    const reasons = notReady();
    context.status = reasons.length === 0 ? 200 : 503;
    context.body = { ready: reasons.length === 0, reasons };
  });
  router.get('/metrics', async (context) => {
    context.type = registry.contentType;
    context.body = await registry.metrics();
  });
  const app = new Koa();
  app.on('error', (thrown: unknown) =>
    logger.warn({ err: thrown }, 'answer on the metrics port not delivered'),
  );
  app.use(async (context, next) => {
    await next();
    if (context.status === 404) {
      context.body = { code: 'NOT_FOUND', message: 'only /healthz, /readyz and /metrics are answered here' };
      context.status = 404;
    }
  });
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}
