import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { messageOf } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { BodyTooLargeError, readBody } from '../../lib/http/body/read-body.ts';
import { ExchangeError } from './exchange-error.ts';

export interface FormAnswer {
  readonly status: number;
  readonly body: string;
  /** Time of the server, if it sent one. */
  readonly date: Date | undefined;
}

export interface PostOptions {
  /** PEM file of the authorities to trust instead of Node's; read for each request. */
  readonly caFile: string | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/**
 * Posts a form on a new connection: the next request is due in half an hour.
 * @throws ExchangeError `CA_UNREADABLE`, `STS_UNREACHABLE`
 */
export async function postForm(url: URL, form: URLSearchParams, options: PostOptions): Promise<FormAnswer> {
  const { timeoutMs, maxBytes } = options;
  const ca = options.caFile === undefined ? undefined : await readAuthorities(options.caFile);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const message = await send(url, form.toString(), {
      ...(ca && { ca }),
      signal: AbortSignal.any([timeout, options.signal]),
    });
    const body = await readBody(message, maxBytes).finally(() => message.destroy());
    const date = new Date(message.headers.date ?? '');
    return {
      status: message.statusCode ?? 0,
      body: body.toString('utf8'),
      date: Number.isNaN(date.getTime()) ? undefined : date,
    };
  } catch (thrown) {
    throw unreachable(url, timeout.aborted ? `no answer within ${timeoutMs} ms` : describe(thrown), thrown);
  }
}

async function readAuthorities(file: string): Promise<Buffer> {
  try {
    return await readRegularFile(file, MAX_FILE_BYTES.certificates);
  } catch (thrown) {
    throw new ExchangeError(
      {
        code: 'CA_UNREADABLE',
        object: `${STS_ENDPOINT_ENV.caBundle} ${file}`,
        problem: messageOf(thrown),
        remedy: "name a PEM file that the sidecar's user may read, or unset it",
      },
      'soon',
      { cause: thrown },
    );
  }
}

function send(url: URL, body: string, options: RequestOptions & { ca?: Buffer }): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  request(url, {
    ...options,
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      Accept: 'text/xml',
      Connection: 'close',
      'User-Agent': 'podrole-sidecar',
    },
  })
    .on('response', resolve)
    .on('error', reject)
    .end(body);
  return promise;
}

/**
 * Describes an error. A connection to a name with several addresses fails with one error per address, without
 * a message.
 */
function describe(thrown: unknown): string {
  if (thrown instanceof BodyTooLargeError) return `answered, but ${thrown.message}`;
  if (!(thrown instanceof AggregateError)) return messageOf(thrown);
  return thrown.errors.map(messageOf).join(', ');
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
