import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import { type Env } from '../../lib/surroundings.ts';
import { bucketSite, objectKey } from './bucket-site.ts';
import { folderTarget } from './folder.ts';
import type { PublicationTarget } from './target.ts';

/** How every bucket is talked to. */
export const S3_CLIENT_DEFAULTS = {
  followRegionRedirects: true,
  // Older servers that speak S3 know no other checksums than MD5.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  // Milliseconds for one call, from connecting to the answer; the documents are small.
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
} as const;

/**
 * Opens the place of `--to`: the root of the site that answers for the issuer's host.
 * @param to a folder, or `s3://bucket/prefix`; region and credentials are the SDK's to find
 * @param onBucketMade where it is given, a bucket is made where it is missing; told what was done, a line each
 * @throws PodroleError `INVALID_SETTING` where the issuer's documents would not be found there
 */
export async function openTarget(
  to: string,
  issuer: string,
  env: Env,
  onBucketMade?: (line: string) => void,
): Promise<PublicationTarget> {
  if (!to.startsWith('s3:')) return folderTarget(to);
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const endpointHost = endpoint && URL.canParse(endpoint) ? new URL(endpoint).host : undefined;
  const site = bucketSite(to, issuer, endpointHost);
  const [{ S3Client }, { s3Target }] = await Promise.all([import('@aws-sdk/client-s3'), import('./s3.ts')]);
  const client = new S3Client({
    // A server of one's own seldom has a name for each bucket; and the certificate of S3 fits no name with more dots.
    forcePathStyle: endpointHost !== undefined || site.bucket.includes('.'),
    ...S3_CLIENT_DEFAULTS,
  });
  const target = s3Target(client, site);
  if (!onBucketMade) return target;
  const { madeWhenMissing } = await import('./public-bucket.ts');
  const publicKeys = [DISCOVERY_PATH, JWKS_PATH].map((path) =>
    objectKey(site, new URL(belowIssuer(issuer, path)).pathname),
  );
  return madeWhenMissing(target, client, { bucket: site.bucket, publicKeys }, onBucketMade);
}
