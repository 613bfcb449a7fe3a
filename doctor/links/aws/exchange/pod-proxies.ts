import { PROXY_ENV } from '../../../../lib/contract/sdk.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';

const NAMES: readonly string[] = [...PROXY_ENV.https, ...PROXY_ENV.http];

/** Returns whether a container of the pod names a proxy; `unknown` without a pod, or if envFrom may. */
export function podProxies({ cluster: { pod } }: ChainFacts): 'some' | 'none' | 'unknown' {
  if (pod.state !== 'read') return 'unknown';
  const { containers } = pod.value;
  if (containers.some(({ env }) => env.some(({ name }) => NAMES.includes(name)))) return 'some';
  return containers.some(({ hasEnvFrom }) => hasEnvFrom) ? 'unknown' : 'none';
}
