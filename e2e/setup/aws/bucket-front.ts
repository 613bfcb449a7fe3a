import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import { drain, listen } from '../../../lib/http/serve.ts';
import type { Authority } from '../../../testing/certificates/certificates.ts';

const ISSUER_ADDRESS = '127.0.0.2';

/**
 * Serves a bucket as CloudFront does: https at port 443 of the issuer's address, and anonymous reads of the
 * bucket.
 * @param bucketUrl URL of the bucket, or of a folder in it, without a trailing slash
 */
export async function startBucketFront(
  bucketUrl: string,
  host: string,
  authority: Authority,
): Promise<{ stop(): Promise<void> }> {
  const server = createServer(await authority.issue([host]), ({ method = 'GET', url = '/' }, response) => {
    const onward = httpRequest(`${bucketUrl}${url}`, { method }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end();
  });
  await listen(server, 443, ISSUER_ADDRESS);
  return { stop: () => drain(server, 0) };
}
