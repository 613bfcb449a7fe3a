import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { awsAgents } from '../../lib/http/proxy/outgoing.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import type { Env } from '../../lib/surroundings.ts';
import { bucketSite, objectKey } from './bucket-site.ts';
import { createFolderTarget } from './folder.ts';
import type { PublicationTarget } from './target.ts';

/** Options of every S3 client. */
export const S3_CLIENT_DEFAULTS = {
  followRegionRedirects: true,
  // Older S3-compatible servers know only MD5 checksums.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  // Milliseconds: to connect, and for the answer. The documents are small.
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
} as const;

/**
 * Opens the place of `--to`: the root of the site that answers for the issuer's host.
 * @param to a folder, or `s3://bucket/prefix`; the SDK finds region and credentials
 * @param onBucketMade if given, a missing bucket is created; called with one line for each thing that was
 * done
 * @throws PodroleError `INVALID_SETTING` if the issuer's URL would not lead to the documents there
 */
export async function openTarget(
  to: string,
  issuer: string,
  env: Env,
  onBucketMade?: (line: string) => void,
): Promise<PublicationTarget> {
  if (!to.startsWith('s3:')) return createFolderTarget(to);
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const endpointHost = endpoint && URL.canParse(endpoint) ? new URL(endpoint).host : undefined;
  const site = bucketSite(to, issuer, endpointHost);
  const [{ S3Client }, { createS3Target }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('./s3.ts'),
  ]);
  const client = new S3Client({
    // Self-hosted servers seldom have a host name per bucket, and the certificate of S3 does not cover bucket
    // names with dots.
    forcePathStyle: endpointHost !== undefined || site.bucket.includes('.'),
    ...S3_CLIENT_DEFAULTS,
    requestHandler: { ...S3_CLIENT_DEFAULTS.requestHandler, ...(await awsAgents(env)) },
  });
  const target = createS3Target(client, site);
  if (!onBucketMade) return target;
  const { createBucketWhenMissing } = await import('./public-bucket.ts');
  const publicKeys = [DISCOVERY_PATH, JWKS_PATH].map((path) =>
    objectKey(site, new URL(belowIssuer(issuer, path)).pathname),
  );
  return createBucketWhenMissing(target, client, { bucket: site.bucket, publicKeys }, onBucketMade);
}
