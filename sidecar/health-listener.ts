import type { RequestListener } from 'node:http';
import { METRICS_CONTENT_TYPE, type Metric, renderMetrics } from './metrics.ts';

export interface Health {
  /** What is missing before the workload may start; empty when ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => readonly Metric[];
}

/** `/healthz`, `/readyz` and `/metrics`, as lib/http/health-app.ts has them, without Koa. */
export function healthListener({ notReady, metrics }: Health): RequestListener {
  const answers: Readonly<Record<string, () => readonly [status: number, type: string, body: string]>> = {
    '/healthz': () => json(200, { status: 'ok' }),
    '/readyz': () => {
      const reasons = notReady();
      return json(reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
    },
    '/metrics': () => [200, METRICS_CONTENT_TYPE, renderMetrics(metrics())],
  };
  return ({ method, url = '' }, response) => {
    const answer = answers[url.split('?', 1)[0] ?? ''];
    const isRead = method === 'GET' || method === 'HEAD';
    const [status, type, body] =
      answer === undefined
        ? json(404, { code: 'NOT_FOUND', message: 'only /healthz, /readyz and /metrics are answered here' })
        : isRead
          ? answer()
          : json(405, { code: 'METHOD_NOT_ALLOWED', message: 'only GET and HEAD' });
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
      // What is left of a body is not read.
      ...(isRead ? {} : { Connection: 'close' }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
}

function json(status: number, body: object): readonly [number, string, string] {
  return [status, 'application/json', JSON.stringify(body)];
}
