import type { ExchangeFacts } from '../../../facts/aws-facts.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { Cause } from './cause.ts';
import { podProxies } from './pod-proxies.ts';

type Unreachable = Extract<ExchangeFacts['outcome'], { kind: 'unreachable' }>;

/** Returns what a call means that got no HTTP answer. */
export function unreachableCause(
  facts: ChainFacts,
  call: ExchangeFacts,
  { reason, said }: Unreachable,
): Cause {
  const { hostname } = new URL(call.endpoint);
  if (reason === 'dns' && isNameOfCluster(hostname)) {
    const text =
      'run podrole doctor in the cluster, or give an address that can be reached from here by --sts-endpoint-url';
    const found = `only the DNS of the cluster knows its name: ${said}`;
    return { code: undefined, found, remedy: { text, commands: [] }, details: [] };
  }
  if (reason === 'certificate') {
    const text =
      'let AWS_CA_BUNDLE name the CA of this STS, in the pod and here; if a proxy opens TLS, that of the proxy';
    const found = `has a certificate that is not trusted here: ${said}`;
    return { code: 'STS_CERTIFICATE_UNTRUSTED', found, remedy: { text, commands: [] }, details: [] };
  }
  if (reason === 'proxy') {
    const text =
      'correct HTTPS_PROXY, allow this host in the proxy, or name the host in NO_PROXY; in the pod too';
    return {
      code: 'STS_PROXY_FAILED',
      found: `is not reached through the proxy: ${said}`,
      remedy: { text, commands: [] },
      details: [],
    };
  }
  return unreachable(facts, call, said);
}

function unreachable(facts: ChainFacts, { isProxied, region }: ExchangeFacts, said: string): Cause {
  const proxies = podProxies(facts);
  const details = [
    `region ${region}`,
    ...(isProxied || proxies === 'unknown'
      ? []
      : [
          proxies === 'some'
            ? 'the pod has a proxy, this machine has none: set HTTPS_PROXY here as in the pod'
            : 'neither the pod nor this machine has a proxy: if the network needs one, set HTTPS_PROXY in both',
        ]),
  ];
  const text =
    'check region and endpoint, and let the network out to this host on its port: by a route, a VPC endpoint of STS, or HTTPS_PROXY';
  return {
    code: 'STS_UNREACHABLE',
    found: `cannot be reached from here: ${said}`,
    remedy: { text, commands: [] },
    details,
  };
}

/** True for the name of a Service: it has an address only in the cluster. */
function isNameOfCluster(hostname: string): boolean {
  return /(?:^|\.)svc(?:\.|$)|\.cluster\.local\.?$/.test(hostname) || !hostname.includes('.');
}
