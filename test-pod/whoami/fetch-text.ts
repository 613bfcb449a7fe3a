import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messagesOf, PodroleError } from '../../lib/errors.ts';
import { readBody } from '../../lib/http/body/read-body.ts';
import { redactSecrets } from '../../lib/text/redact.ts';

const TIMEOUT_MS = 10_000;
/** Credentials take two or three thousand bytes. */
const MAX_BYTES = 64 * 1024;
const MAX_SAID_LENGTH = 300;

export interface FetchOptions {
  /** Name of the server in errors. */
  readonly object: string;
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Secrets that the server may repeat. */
  readonly secrets?: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Fetches a small text, directly: neither an SDK nor podrole asks a metadata address through a proxy.
 * @throws PodroleError `CREDENTIALS_UNREACHABLE`, `CREDENTIALS_REFUSED`
 */
export async function fetchText(url: URL, options: FetchOptions): Promise<string> {
  const { object, method = 'GET', headers = {}, secrets = [], signal } = options;
  let status: number | undefined;
  let body: string;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    send(url, { method, headers: { ...headers, Connection: 'close' }, signal: limit })
      .on('response', resolve)
      .on('error', reject)
      .end();
    const message = await promise;
    status = message.statusCode;
    body = (await readBody(message, MAX_BYTES)).toString('utf8');
  } catch (thrown) {
    const remedy = 'check that it runs and that this address answers from here';
    const fault = { code: 'CREDENTIALS_UNREACHABLE', object, problem: messagesOf(thrown), remedy } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
  if (status === 200) return body;
  const said = redactSecrets(body, secrets).trim().slice(0, MAX_SAID_LENGTH);
  throw new PodroleError({
    code: 'CREDENTIALS_REFUSED',
    object,
    problem: `answered ${status}${said && ` (${said})`}`,
    remedy: 'fix what it names; for a sidecar of podrole, its log says more',
  });
}
