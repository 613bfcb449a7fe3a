import type { Fault } from '../../lib/errors.ts';

/** `gs://bucket`, and `gs:/bucket` too, but not a folder such as `a:b`. */
const URL_LIKE = /^([a-z][a-z0-9+.-]*):\/+(.*)$/is;
/** Bucket in a URL of S3, in both styles. */
const S3_URL = /^(?:([a-z0-9.-]+)\.)?s3[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?(?:\/([^/?]+))?/i;

/**
 * Returns why a place is neither a folder nor a bucket of S3. A URL of another kind would become a folder of
 * that name, which nobody serves.
 * @param flag `--to`
 */
export function placeFault(flag: string, place: string): Fault | undefined {
  const [, scheme = '', rest = ''] = URL_LIKE.exec(place) ?? [];
  if (scheme === '' || (scheme === 's3' && place.startsWith('s3://'))) return undefined;
  return {
    code: 'INVALID_SETTING',
    object: `${flag} ${place}`,
    problem: 'is a URL, and podrole can write to a folder or to s3://BUCKET/PREFIX',
    remedy: remedyOf(scheme.toLowerCase(), rest),
  };
}

function remedyOf(scheme: string, rest: string): string {
  if (scheme === 's3') return `give s3://${rest}`;
  if (scheme === 'file') return `give the folder, /${rest.replace(/^localhost\//, '')}`;
  const [, hosted, named] = (scheme.startsWith('http') && S3_URL.exec(rest)) || [];
  const bucket = hosted ?? named;
  if (bucket !== undefined) return `give s3://${bucket}`;
  return 'publish to a folder, and upload that; for another server of S3, give s3://BUCKET and set AWS_ENDPOINT_URL_S3';
}
