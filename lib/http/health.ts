import type { EndpointAnswer } from './endpoint.ts';
import { jsonAnswer, jsonError } from './json-answer.ts';

/** State of a process, as its health endpoint reports it. */
export interface Health {
  /** Reasons why requests must not come yet, or no longer; empty when ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => Promise<MetricsText>;
}

export interface HealthRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Answers `/healthz` and `/livez` (alive), `/readyz` (may get requests) and `/metrics` the same way for every
 * server of podrole. They are plain HTTP on a port of their own.
 */
export async function answerHealth(
  { notReady, metrics }: Health,
  request: HealthRequest,
): Promise<EndpointAnswer> {
  const alive = () => jsonAnswer({ status: 'ok' });
  const answers: Answers = {
    '/healthz': alive,
    '/livez': alive,
    '/readyz': () => {
      const reasons = notReady();
      const ready = reasons.length === 0;
      return { ...jsonAnswer({ ready, reasons }), status: ready ? 200 : 503 };
    },
    '/metrics': () => metricsAnswer(metrics),
  };
  return answerOne(answers, request, 'only /healthz, /readyz and /metrics are answered here');
}

/** Answers `/metrics` as `answerHealth` does, and nothing else. */
export async function answerMetrics(
  metrics: Health['metrics'],
  request: HealthRequest,
): Promise<EndpointAnswer> {
  return answerOne({ '/metrics': () => metricsAnswer(metrics) }, request, 'only /metrics is answered here');
}

async function metricsAnswer(metrics: Health['metrics']): Promise<EndpointAnswer> {
  const { contentType, text } = await metrics();
  return { status: 200, headers: { 'Content-Type': contentType }, body: text };
}

type Answers = Readonly<Record<string, () => EndpointAnswer | Promise<EndpointAnswer>>>;

function answerOne(
  answers: Answers,
  { method, path }: HealthRequest,
  others: string,
): EndpointAnswer | Promise<EndpointAnswer> {
  const answer = answers[path];
  const isRead = method === 'GET' || method === 'HEAD';
  // The rest of a body is not read, so it must not be taken for the next request.
  const ending = isRead ? undefined : { Connection: 'close' };
  if (answer === undefined) {
    return jsonError(404, 'NOT_FOUND', others, ending);
  }
  return isRead
    ? answer()
    : jsonError(405, 'METHOD_NOT_ALLOWED', 'only GET and HEAD', { Allow: 'GET, HEAD', ...ending });
}
