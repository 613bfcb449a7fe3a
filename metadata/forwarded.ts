import type { IncomingHttpHeaders } from 'node:http';

/**
 * Headers that proxies, load balancers and content networks add. RFC 7239; RFC 9110 section 7.6.3; RFC 8586
 */
const ADDED_BY_PROXIES = [
  ...['forwarded', 'via', 'cdn-loop', 'max-forwards'],
  ...['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-original-host', 'x-original-url'],
  ...['x-original-forwarded-for', 'x-envoy-external-address', 'x-proxyuser-ip'],
  ...['x-remote-ip', 'x-remote-addr', 'client-ip', 'x-host', 'x-http-host-override'],
  ...['true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-appengine-user-ip'],
  ...['x-azure-clientip', 'x-azure-socketip', 'x-azure-ref', 'x-azure-fdid'],
  ...['x-amz-cf-id', 'cf-ray'],
];

/**
 * Prefixes of more such headers: the predecessors of RFC 7239, and those of Amazon CloudFront, such as
 * `cloudfront-viewer-address`.
 */
const STARTS = ['x-forwarded', 'cloudfront-'];

/**
 * True if a proxy forwarded the request. It may come from outside, through a proxy that was tricked into
 * asking here; the workload's own SDK asks directly. EC2's IMDSv2 refuses only `X-Forwarded-For`; other
 * proxies add other headers.
 */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    ADDED_BY_PROXIES.some((name) => headers[name] !== undefined) ||
    Object.keys(headers).some((name) => STARTS.some((start) => name.startsWith(start)))
  );
}
