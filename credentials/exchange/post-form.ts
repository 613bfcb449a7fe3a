import { type Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { type Fault, messageOf, messagesOf } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { BodyTooLargeError, readBody } from '../../lib/http/body/read-body.ts';
import { proxyFaultOf, proxyUnreachable } from '../../lib/http/proxy/proxy-fault.ts';
import { authoritiesIn, publicAuthorities } from '../../lib/tls/authorities.ts';
import { ExchangeError } from './exchange-error.ts';

export interface FormAnswer {
  readonly status: number;
  readonly body: string;
  /** Time of the server, if it sent one. */
  readonly date: Date | undefined;
}

export interface PostOptions {
  /** PEM file of authorities to trust besides Node's; read for each request. */
  readonly caFile: string | undefined;
  /** Proxy to send the request through. */
  readonly proxy: URL | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
  /** Headers of a signature. They are never in an error. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Content type of each form; a signature covers it. */
export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

/**
 * Posts a form on a new connection: the next request of the same session is due in half an hour.
 * @throws ExchangeError `CA_UNREADABLE`, `STS_UNREACHABLE`, `PROXY_FAILED`
 */
export async function postForm(url: URL, form: URLSearchParams, options: PostOptions): Promise<FormAnswer> {
  const { timeoutMs, maxBytes } = options;
  const ca = options.caFile === undefined ? undefined : await readAuthorities(options.caFile);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const message = await send(url, form.toString(), {
      ...(ca && { ca }),
      ...(options.proxy && { agent: await agentThrough(options.proxy, url, ca) }),
      signal: AbortSignal.any([timeout, options.signal]),
      headers: { ...options.headers },
    });
    const body = await readBody(message, maxBytes).finally(() => message.destroy());
    const date = new Date(message.headers.date ?? '');
    return {
      status: message.statusCode ?? 0,
      body: body.toString('utf8'),
      date: Number.isNaN(date.getTime()) ? undefined : date,
    };
  } catch (thrown) {
    const problem = timeout.aborted ? `no answer within ${timeoutMs} ms` : describe(thrown);
    const fault = proxyFaultOf(thrown) ?? forwardFault(url, options.proxy, thrown, problem);
    if (fault) throw new ExchangeError(fault, 'soon', { cause: thrown });
    throw unreachable(url, problem, thrown);
  }
}

/** For plain http the proxy is the only one that this process speaks to. */
function forwardFault(url: URL, proxy: URL | undefined, thrown: unknown, problem: string): Fault | undefined {
  if (!proxy || url.protocol === 'https:' || thrown instanceof BodyTooLargeError) return undefined;
  return proxyUnreachable(proxy, url.host, new Error(problem)).faults[0];
}

/** Loads the agents only if there is a proxy: they would cost the memory of each pod. */
async function agentThrough(proxy: URL, url: URL, ca: readonly string[] | undefined): Promise<Agent> {
  const { ForwardAgent, TunnelAgent } = await import('../../lib/http/proxy/agents.ts');
  return url.protocol === 'https:'
    ? new TunnelAgent(() => proxy, { ca })
    : new ForwardAgent(() => proxy, { ca });
}

async function readAuthorities(file: string): Promise<string[]> {
  try {
    const added = await readRegularFile(file, MAX_FILE_BYTES.certificates);
    return [...(await publicAuthorities()), ...authoritiesIn(added.toString('latin1'))];
  } catch (thrown) {
    throw new ExchangeError(
      {
        code: 'CA_UNREADABLE',
        object: `${STS_ENDPOINT_ENV.caBundle} ${file}`,
        problem: messageOf(thrown),
        remedy: 'name a PEM file that the user of this process may read, or unset it',
      },
      'soon',
      { cause: thrown },
    );
  }
}

interface SendOptions extends RequestOptions {
  readonly ca?: string[];
  readonly headers: Readonly<Record<string, string>>;
}

function send(url: URL, body: string, options: SendOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  request(url, {
    ...options,
    method: 'POST',
    headers: {
      ...options.headers,
      'Content-Type': FORM_CONTENT_TYPE,
      'Content-Length': Buffer.byteLength(body),
      Accept: 'text/xml',
      Connection: 'close',
      'User-Agent': 'podrole',
    },
  })
    .on('response', resolve)
    .on('error', reject)
    .end(body);
  return promise;
}

function describe(thrown: unknown): string {
  return thrown instanceof BodyTooLargeError ? `answered, but ${thrown.message}` : messagesOf(thrown);
}

function unreachable(url: URL, problem: string, cause: unknown): ExchangeError {
  return new ExchangeError(
    {
      code: 'STS_UNREACHABLE',
      object: `STS ${url.origin}`,
      problem,
      remedy:
        'check that this address can be reached from here, and that its certificate is trusted (AWS_CA_BUNDLE)',
    },
    'soon',
    { cause },
  );
}
