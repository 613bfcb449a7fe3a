import { request } from 'node:http';
import { messageOf, PodroleError } from '../lib/errors.ts';
import { readBody } from '../lib/http/body/read-body.ts';

/** Shorter than the timeout of the startup probe, with time left to start this process. */
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 16_384;

/**
 * Asks the sidecar on this machine once whether it is ready.
 * @throws PodroleError `NOT_READY` with its reasons, `UNREACHABLE`
 */
export async function probeSidecar(metricsPort: number): Promise<void> {
  const object = `metrics port ${metricsPort}`;
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  request(
    { host: '127.0.0.1', port: metricsPort, path: '/readyz', signal: AbortSignal.timeout(TIMEOUT_MS) },
    (message) => {
      readBody(message, MAX_BYTES).then(
        (body) => resolve({ status: message.statusCode, body: body.toString('utf8') }),
        reject,
      );
    },
  )
    .on('error', reject)
    .end();
  const answer = await promise.catch((thrown: unknown) => {
    throw new PodroleError(
      {
        code: 'UNREACHABLE',
        object,
        problem: messageOf(thrown),
        remedy: 'check that it runs, and give its --metrics-port',
      },
      { cause: thrown },
    );
  });
  if (answer.status === 200) return;
  throw new PodroleError({
    code: 'NOT_READY',
    object,
    problem: `answered ${answer.status}: ${answer.body}`,
    remedy: 'wait, or fix what it names',
  });
}
