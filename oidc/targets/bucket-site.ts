import { PodroleError } from '../../lib/errors.ts';
import { withoutTrailing } from '../../lib/text/without-trailing.ts';
import { documentPath } from './document-path.ts';

export interface BucketSite {
  readonly bucket: string;
  /** Start of every object key, without `/` at its ends; may be empty. */
  readonly prefix: string;
  /**
   * Start of every URL path that is not part of the object key: `/bucket` for path-style URLs, otherwise
   * empty.
   */
  readonly urlPrefix: string;
}

/** `s3://bucket` or `s3://bucket/prefix`. S3 User Guide, "General purpose bucket naming rules" */
const LOCATION = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/**
 * Hosts of S3, with the bucket in front for virtual-hosted URLs. S3 User Guide, "Methods for accessing a
 * bucket"
 */
export const S3_HOST =
  /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

/**
 * Returns the place in a bucket that serves the issuer's host.
 * @param endpointHost host of an S3 server that is not AWS's, if one is configured
 * @throws PodroleError `INVALID_SETTING` if the location is invalid, or the issuer's URL would not lead to
 * its documents
 */
export function bucketSite(location: string, issuer: string, endpointHost: string | undefined): BucketSite {
  const [, bucket, path = ''] = LOCATION.exec(location) ?? [];
  if (bucket === undefined) {
    throw refuse('is not s3://BUCKET or s3://BUCKET/PREFIX', 'give a bucket in this form', location);
  }
  const prefix = withoutTrailing(path, '/').replace(/^\/+/, '');
  const { host, pathname } = new URL(issuer);
  const hosted = S3_HOST.exec(host);
  const isPathStyle = (hosted && hosted[1] === undefined) || host === endpointHost;
  const named = isPathStyle
    ? pathname.split('/')[1]
    : (hosted?.[1] ??
      (endpointHost && host.endsWith(`.${endpointHost}`)
        ? host.slice(0, -endpointHost.length - 1)
        : undefined));
  if (named === undefined) return { bucket, prefix, urlPrefix: '' };
  if (named !== bucket) {
    throw refuse(
      `is not ${named}, the bucket that the URL of the issuer ${issuer} leads to`,
      `give --to s3://${named}, or the issuer of this bucket`,
      location,
    );
  }
  if (prefix !== '') {
    throw refuse(
      `has a prefix, but the URL of the issuer ${issuer} leads to the root of the bucket; podrole adds its path`,
      `give --to s3://${bucket}`,
      location,
    );
  }
  return { bucket, prefix, urlPrefix: isPathStyle ? `/${bucket}` : '' };
}

/** Returns the object key of a document. */
export function objectKey({ prefix, urlPrefix }: BucketSite, path: string): string {
  const below = path.startsWith(`${urlPrefix}/`) ? path.slice(urlPrefix.length) : path;
  return [...(prefix ? [prefix] : []), ...documentPath(below)].join('/');
}

function refuse(problem: string, remedy: string, location: string): PodroleError {
  return new PodroleError({ code: 'INVALID_SETTING', object: `--to ${location}`, problem, remedy });
}
