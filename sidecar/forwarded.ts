import type { IncomingHttpHeaders } from 'node:http';

/** What proxies, load balancers and content networks add. RFC 7239; RFC 9110 section 7.6.3; RFC 8586 */
const ADDED_BY_PROXIES = [
  ...['forwarded', 'via', 'cdn-loop', 'max-forwards'],
  ...['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-original-host', 'x-original-url'],
  ...['x-original-forwarded-for', 'x-envoy-external-address', 'x-proxyuser-ip'],
  ...['true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-appengine-user-ip'],
];

/**
 * True if a proxy forwarded the request. It may come from outside, through a proxy that was tricked into asking here;
 * the workload's own SDK asks directly. EC2's IMDSv2 refuses only `X-Forwarded-For`; other proxies add other headers.
 */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    ADDED_BY_PROXIES.some((name) => headers[name] !== undefined) ||
    Object.keys(headers).some((name) => name.startsWith('x-forwarded'))
  );
}
