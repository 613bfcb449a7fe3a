import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { drain, listen } from '../../../lib/http/serve.ts';

/** A web identity token that STS exchanged for a session. */
interface ExchangedToken {
  /** Name and UID of the pod that the token is bound to. */
  readonly pod: string;
  readonly podUid: string;
  /** ARN of the role. */
  readonly role: string;
  /** Access key of the session, no secret: distinguishes sessions. */
  readonly accessKey: string;
  /** SHA-256 of the token, hexadecimal: distinguishes tokens without showing them. */
  readonly digest: string;
  /** Time of the exchange, in ms since 1970. */
  readonly at: number;
}

/** An STS and an S3 whose sessions end within seconds. */
export interface EndingSessions {
  readonly port: number;
  /** In order of the exchanges. */
  readonly exchanged: readonly ExchangedToken[];
  /** Returns the number of requests with an expired session. */
  readonly refused: () => number;
  stop(): Promise<void>;
}

/**
 * Starts a proxy in front of an STS, whose sessions last at least 15 minutes. It shortens each session to
 * this many seconds, and refuses it afterwards. It forwards everything else unchanged, so that signatures
 * stay valid.
 * @param upstream URL of an STS
 */
export async function startEndingSessions(upstream: string, seconds: number): Promise<EndingSessions> {
  const endOf = new Map<string, number>();
  const exchanged: ExchangedToken[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const ends = endOf.get(accessKeyOf(request.headers.authorization) ?? '');
    if (ends !== undefined && ends < Date.now()) {
      refused += 1;
      response.writeHead(403, { 'content-type': 'text/xml' }).end(EXPIRED);
      return;
    }
    const forwarded = await forward(upstream, request, sent).catch(() => undefined);
    if (!forwarded) {
      response.destroy();
      return;
    }
    const { status, headers, body } = forwarded;
    const parameters = new URLSearchParams(sent.toString());
    const token = status === 200 ? parameters.get('WebIdentityToken') : null;
    if (!token) {
      response.writeHead(status, headers).end(body);
      return;
    }
    const expiry = new Date(Date.now() + seconds * 1_000);
    const answer = body.toString();
    const [, accessKey = ''] = /<AccessKeyId>([^<]*)/.exec(answer) ?? [];
    endOf.set(accessKey, expiry.getTime());
    exchanged.push({
      ...describe(token),
      role: parameters.get('RoleArn') ?? '',
      accessKey,
      at: Date.now(),
    });
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...others } = headers;
    response
      .writeHead(status, others)
      .end(answer.replace(/(?<=<Expiration>)[^<]*/, expiry.toISOString().replace(/\.\d+/, '')));
  });
  const port = await listen(server, 0, '0.0.0.0');
  return { port, exchanged, refused: () => refused, stop: () => drain(server, 0) };
}

const EXPIRED =
  '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The session has ended</Message></Error></ErrorResponse>';

/**
 * Returns the access key of a request, from a signature of version 4, or of version 2, which the oldest SDKs
 * use.
 */
export function accessKeyOf(authorization: string | undefined): string | undefined {
  return /(?:Credential=|AWS )([^/:,]+)/.exec(authorization ?? '')?.[1];
}

/** Returns the SHA-256 of a token, and its pod. */
function describe(token: string): Pick<ExchangedToken, 'pod' | 'podUid' | 'digest'> {
  const claims: { 'kubernetes.io'?: { pod?: { name?: string; uid?: string } } } = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  );
  return {
    pod: claims['kubernetes.io']?.pod?.name ?? '',
    podUid: claims['kubernetes.io']?.pod?.uid ?? '',
    digest: createHash('sha256').update(token).digest('hex'),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(
  upstream: string,
  { method, url = '/', headers }: IncomingMessage,
  sent: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // The Host header stays because it is signed.
    const call = httpRequest(new URL(url, upstream), { method, headers }, (response) => {
      const answer = (body: Buffer) => ({
        status: response.statusCode ?? 502,
        headers: response.headers,
        body,
      });
      buffer(response).then(answer).then(resolve, reject);
    });
    call.on('error', reject);
    call.end(sent);
  });
}
