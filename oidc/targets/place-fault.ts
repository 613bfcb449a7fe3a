import type { Fault } from '../../lib/errors.ts';
import { S3_HOST } from './bucket-site.ts';

/** `gs://bucket`, and `gs:/bucket` too, but not a folder such as `a:b` or `C:/www`. */
const URL_START = /^([a-z][a-z0-9+.-]+):\//i;

/**
 * Returns why a place is neither a folder nor a bucket of S3. A URL of another kind would become a folder of
 * that name, which nobody serves.
 * @param flag `--to`
 */
export function placeFault(flag: string, place: string): Fault | undefined {
  const [start = '', scheme] = URL_START.exec(place) ?? [];
  if (scheme === undefined || place.startsWith('s3://')) return undefined;
  return {
    code: 'INVALID_SETTING',
    object: `${flag} ${place}`,
    problem: 'is a URL, but podrole writes only to a folder or to s3://BUCKET/PREFIX',
    remedy: remedyOf(scheme.toLowerCase(), place.slice(start.length).replace(/^\/+/, '')),
  };
}

function remedyOf(scheme: string, rest: string): string {
  if (scheme === 's3') return `give s3://${rest}`;
  if (scheme === 'file') return `give the folder, /${rest.replace(/^localhost\//, '')}`;
  const bucket = /^https?$/.test(scheme) ? bucketOfUrl(`https://${rest}`) : undefined;
  if (bucket) return `give s3://${bucket}`;
  return 'publish to a folder and upload it; for another S3 server, give s3://BUCKET and set AWS_ENDPOINT_URL_S3';
}

function bucketOfUrl(url: string): string | undefined {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: '' };
  const hosted = S3_HOST.exec(host);
  return hosted ? (hosted[1] ?? pathname.split('/')[1]) : undefined;
}
