import { withoutTrailing } from '../../lib/text/without-trailing.ts';

/** Issuer of the pages of podrole, which an operator replaces. */
const EXAMPLE = 'https://oidc.example.com';

const S3 = 's3://';

export interface SuggestedIssuer {
  readonly issuer: string;
  /** False if the host is only an example. */
  readonly isCertain: boolean;
  /** The value of `--to` that goes with this issuer. */
  readonly to: string | undefined;
}

/**
 * Returns the issuer URL at which AWS serves what is written to a place.
 * @param to `s3://BUCKET/PREFIX`; for a folder or another S3 server, only its operator knows the URL
 * @param region of the bucket
 * @param endpoint URL of an S3 server that is not AWS's
 */
export function suggestIssuer(
  to: string | undefined,
  region: string | undefined,
  endpoint: string | undefined,
): SuggestedIssuer {
  const [bucket = '', ...prefix] = to?.startsWith(S3) ? to.slice(S3.length).split('/') : [];
  if (bucket === '' || endpoint) return { issuer: EXAMPLE, isCertain: false, to };
  const where = region || 'REGION';
  const host = `s3.${where}.amazonaws.com${where.startsWith('cn-') ? '.cn' : ''}`;
  // The certificate of S3 does not cover bucket names with dots.
  const site = bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
  const path = withoutTrailing(prefix.join('/'), '/');
  const issuer = path === '' ? site : `${site}/${path}`;
  // The URL leads to the root of the bucket, and podrole appends its path to --to.
  return { issuer, isCertain: where !== 'REGION', to: `s3://${bucket}` };
}
