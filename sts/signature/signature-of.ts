import type { IncomingHttpHeaders } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../lib/sha256.ts';

/** A request as the server received it. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The part of a session that signs. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface SigningScope {
  readonly region: string;
  /** Names of the headers that the caller signed, in lower case. */
  readonly signedHeaders: ReadonlySet<string>;
  readonly signingDate: Date;
}

export const BODY_HASH_HEADER = 'x-amz-content-sha256';

/**
 * Returns the signature, in hex, that a request to STS has if these credentials signed it. The signer is the
 * AWS SDK's own.
 */
export async function signatureOf(
  request: SignedRequest,
  credentials: SigningCredentials,
  { region, signedHeaders, signingDate }: SigningScope,
): Promise<string> {
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      signedHeaders.has(name) && value !== undefined ? [[name, String(value)]] : [],
    ),
  );
  const names = [...new Set(request.query.keys())];
  const query = Object.fromEntries(names.map((name) => [name, request.query.getAll(name)]));
  const { method, path, body } = request;
  const again = { method, path, headers, query, body, protocol: 'https:', hostname: '' };
  const signed = await signer.sign(again, {
    signingDate,
    signableHeaders: new Set(signedHeaders),
    // The signer adds this header if it is missing; a caller that did not send it did not sign it.
    unsignableHeaders: new Set(signedHeaders.has(BODY_HASH_HEADER) ? [] : [BODY_HASH_HEADER]),
  });
  return /Signature=([0-9a-f]+)$/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
}
