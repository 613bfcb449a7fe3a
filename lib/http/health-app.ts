import type Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import { answerHealth, type Health } from './health.ts';
import { createKoaApp } from './koa-app.ts';
import { pathOf } from './request/request-path.ts';

export interface HealthApp extends Pick<Health, 'notReady'> {
  readonly registry: Registry;
  readonly logger: Logger;
}

/**
 * Health endpoint of a server that has Koa and prom-client anyway. The sidecar has
 * `sidecar/health-listener.ts`.
 */
export function createHealthApp({ notReady, registry, logger }: HealthApp): Koa {
  const metrics = async () => ({ contentType: registry.contentType, text: await registry.metrics() });
  return createKoaApp({ logger, undeliveredLevel: 'warn' }).use(async (context) => {
    const request = { method: context.method, path: pathOf(context) ?? '' };
    const { status, headers, body } = await answerHealth({ notReady, metrics }, request);
    context.status = status;
    context.set(headers);
    context.body = body;
  });
}
