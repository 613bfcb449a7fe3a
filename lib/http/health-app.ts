import type Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import type { EndpointAnswer } from './endpoint.ts';
import { answerHealth, answerMetrics, type Health, type HealthRequest } from './health.ts';
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
  return createAnsweringApp(logger, (request) => answerHealth({ notReady, metrics }, request));
}

/** Endpoint of `/metrics` alone, for a port that others than kubelet and Prometheus reach. */
export function createMetricsApp(options: {
  readonly metrics: Health['metrics'];
  readonly logger: Logger;
}): Koa {
  return createAnsweringApp(options.logger, (request) => answerMetrics(options.metrics, request));
}

function createAnsweringApp(
  logger: Logger,
  answer: (request: HealthRequest) => Promise<EndpointAnswer>,
): Koa {
  return createKoaApp({ logger, undeliveredLevel: 'warn' }).use(async (context) => {
    const { status, headers, body } = await answer({
      method: context.method,
      path: pathOf(context) ?? '',
    });
    context.status = status;
    context.set(headers);
    context.body = body;
  });
}
