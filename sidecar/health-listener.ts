import type { RequestListener } from 'node:http';
import { answerHealth, type Health } from '../lib/http/health.ts';
import { requestTarget } from '../lib/http/request/request-target.ts';
import { sendAnswer } from '../lib/http/request-listener.ts';
import { METRICS_CONTENT_TYPE, type Metric, renderMetrics } from './metrics.ts';

export interface SidecarHealth extends Pick<Health, 'notReady'> {
  readonly metrics: () => readonly Metric[];
}

/** Health endpoint without Koa and prom-client, which would cost the memory of each pod (docs/adr/0017). */
export function healthListener({ notReady, metrics }: SidecarHealth): RequestListener {
  const health: Health = {
    notReady,
    metrics: async () => ({ contentType: METRICS_CONTENT_TYPE, text: renderMetrics(metrics()) }),
  };
  return async ({ method = '', url = '' }, response) => {
    const [path = ''] = requestTarget(url).url.split('?', 1);
    sendAnswer(response, await answerHealth(health, { method, path }));
  };
}
