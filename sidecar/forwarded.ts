import type { IncomingHttpHeaders } from 'node:http';

/** What proxies, load balancers and content networks add. RFC 7239; RFC 9110 section 7.6.3; RFC 8586 */
const ADDED_BY_PROXIES = [
  ...['forwarded', 'via', 'cdn-loop', 'max-forwards'],
  ...['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-original-host', 'x-original-url'],
  ...['x-original-forwarded-for', 'x-envoy-external-address', 'x-proxyuser-ip'],
  ...['true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'x-appengine-user-ip'],
];

/**
 * Whether a proxy sent the request on: then it may come from outside, by a proxy that was led here. The workload's own SDK asks directly.
 * IMDSv2 refuses `X-Forwarded-For` alone; other proxies say it in other words.
 */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    ADDED_BY_PROXIES.some((name) => headers[name] !== undefined) ||
    Object.keys(headers).some((name) => name.startsWith('x-forwarded'))
  );
}
