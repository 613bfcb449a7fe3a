import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SIGNATURE_CLOCK_SKEW_SECONDS } from '../../lib/contract/sts.ts';
import { equalInConstantTime } from '../../lib/text/equal-in-constant-time.ts';
import type { Session, Sessions } from '../sessions.ts';
import { StsError } from '../sts-error.ts';
import { BODY_HASH_HEADER, type SignedRequest, signatureOf } from './signature-of.ts';

/**
 * Returns the session that signed a request with AWS Signature Version 4 in its headers. The request is
 * signed again with the session's secret, over the headers that the caller signed, and both signatures are
 * compared.
 * @throws StsError with the codes that STS answers
 */
export async function verifySignature(
  request: SignedRequest,
  sessions: Sessions,
  now: Date,
): Promise<Session> {
  const { headers } = request;
  const authorization = parseAuthorization(headers);
  const signingDate = parseDate(String(headers['x-amz-date']));
  const session = sessions.find(authorization.accessKeyId);
  if (!session || !equalInConstantTime(String(headers['x-amz-security-token'] ?? ''), session.sessionToken)) {
    throw new StsError('InvalidClientTokenId', 'The security token included in the request is invalid');
  }
  const { service, day, region, signedHeaders, signature } = authorization;
  if (service !== 'sts') throw mismatch("Credential should be scoped to correct service: 'sts'. ");
  if (day !== compactDate(signingDate).slice(0, 8))
    throw mismatch('Date in Credential scope does not match the date of the request');
  verifyClock(signingDate, now);
  verifyBodyHash(headers, request.body);
  const expected = await signatureOf(request, session, { region, signedHeaders, signingDate });
  if (!equalInConstantTime(signature, expected)) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  if (session.expiresAt <= now) {
    throw new StsError('ExpiredToken', 'The security token included in the request is expired');
  }
  return session;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: ReadonlySet<string>;
  readonly signature: string;
}

/** Headers that identify the request and the caller. Unsigned, they could be replaced. */
const MUST_BE_SIGNED = ['host', 'x-amz-date', 'x-amz-security-token'];

function parseAuthorization(headers: IncomingHttpHeaders): Authorization {
  const header = headers.authorization;
  if (!header) throw new StsError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  const [scheme, rest = ''] = header.split(/\s+(.*)/, 2);
  if (scheme !== 'AWS4-HMAC-SHA256') throw incomplete(`Unsupported AWS 'algorithm': '${scheme}'.`);
  const parameters = new Map(
    rest.split(/\s*[,\s]\s*/).map((item) => [item.split('=', 1)[0], item.replace(/^[^=]*=/, '')]),
  );
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parameters.get(name));
  if (missing.length > 0) {
    throw incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '));
  }
  if (!headers['x-amz-date'])
    throw incomplete("Authorization header requires existence of a 'X-Amz-Date' header.");
  const [accessKeyId, day, region, service, terminator, ...more] =
    parameters.get('Credential')?.split('/') ?? [];
  if (!accessKeyId || !day || !region || !service || terminator !== 'aws4_request' || more.length > 0) {
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term',
    );
  }
  const signedHeaders = new Set(parameters.get('SignedHeaders')?.toLowerCase().split(';'));
  const unsigned = MUST_BE_SIGNED.filter((name) => headers[name] !== undefined && !signedHeaders.has(name));
  if (unsigned.length > 0)
    throw mismatch(`'${unsigned.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`);
  return { accessKeyId, day, region, service, signedHeaders, signature: parameters.get('Signature') ?? '' };
}

/** ISO 8601 in basic format, UTC: `20260801T120000Z`. */
function parseDate(text: string): Date {
  const date = new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(date.getTime()) || compactDate(date) !== text) {
    throw incomplete("Date must be in ISO-8601 'basic format'.");
  }
  return date;
}

function compactDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, '');
}

function verifyClock(signed: Date, now: Date): void {
  const aheadSeconds = (signed.getTime() - now.getTime()) / 1_000;
  const texts = `${compactDate(signed)}; the time is ${compactDate(now)}`;
  if (aheadSeconds < -SIGNATURE_CLOCK_SKEW_SECONDS) throw mismatch(`Signature expired: ${texts}`);
  if (aheadSeconds > SIGNATURE_CLOCK_SKEW_SECONDS) throw mismatch(`Signature not yet current: ${texts}`);
}

/** Compares this header with the body, since the signer trusts it if it is there. */
function verifyBodyHash(headers: IncomingHttpHeaders, body: Buffer): void {
  const claimed = headers[BODY_HASH_HEADER];
  if (claimed !== undefined && claimed !== createHash('sha256').update(body).digest('hex')) {
    throw mismatch("The 'x-amz-content-sha256' header is not the SHA-256 of the body.");
  }
}

function incomplete(message: string): StsError {
  return new StsError('IncompleteSignature', message);
}

function mismatch(message: string): StsError {
  return new StsError('SignatureDoesNotMatch', message);
}
