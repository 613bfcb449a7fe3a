import type { EndpointAnswer } from './endpoint.ts';
import { jsonAnswer, jsonError } from './json-answer.ts';

/** State of a process, as its health endpoint reports it. */
export interface Health {
  /** Reasons why requests must not come yet, or no longer; empty when ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => Promise<MetricsText>;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Answers `/healthz` (alive), `/readyz` (may get requests) and `/metrics` the same way for every server of
 * podrole. They are plain HTTP on a port of their own.
 * @param path without its query
 */
export async function answerHealth(
  { notReady, metrics }: Health,
  { method, path }: { readonly method: string; readonly path: string },
): Promise<EndpointAnswer> {
  const answers: Readonly<Record<string, () => EndpointAnswer | Promise<EndpointAnswer>>> = {
    '/healthz': () => jsonAnswer({ status: 'ok' }),
    '/readyz': () => {
      const reasons = notReady();
      const ready = reasons.length === 0;
      return { ...jsonAnswer({ ready, reasons }), status: ready ? 200 : 503 };
    },
    '/metrics': async () => {
      const { contentType, text } = await metrics();
      return { status: 200, headers: { 'Content-Type': contentType }, body: text };
    },
  };
  const answer = answers[path];
  const isRead = method === 'GET' || method === 'HEAD';
  // The rest of a body is not read, so it must not be taken for the next request.
  const ending = isRead ? undefined : { Connection: 'close' };
  if (answer === undefined) {
    return jsonError(404, 'NOT_FOUND', 'only /healthz, /readyz and /metrics are answered here', ending);
  }
  return isRead
    ? answer()
    : jsonError(405, 'METHOD_NOT_ALLOWED', 'only GET and HEAD', { Allow: 'GET, HEAD', ...ending });
}
