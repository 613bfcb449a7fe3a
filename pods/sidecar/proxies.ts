import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import { PROXY_ENV } from '../../lib/contract/sdk.ts';
import { asObject } from '../../lib/json/json.ts';
import { type NamedObject, nameOf } from '../pod-parts.ts';
import { differentOf, type OwnValue, ownValue } from './own-values.ts';

/** Proxies of the sidecar, and what is wrong with those of the pod's containers. */
export interface SidecarProxies {
  readonly variables: readonly NamedObject[];
  readonly problems: readonly { readonly problem: string; readonly remedy: string }[];
}

/**
 * Decides the proxies of the sidecar: those on which the pod's containers agree that name one, otherwise
 * those of the settings. The three variables of a container belong together: the exceptions of one proxy are
 * not those of another.
 * @param containers the pod's own
 */
export function sidecarProxies(
  containers: readonly unknown[],
  { sidecarHttpsProxy, sidecarNoProxy }: InjectedSidecarSettings,
): SidecarProxies {
  const ofSettings = sidecarHttpsProxy
    ? { https: { value: sidecarHttpsProxy }, ...(sidecarNoProxy && { none: { value: sidecarNoProxy } }) }
    : {};
  const found = differentOf(containers.map(proxiesOf));
  const [agreed, ...others] = found;
  const problems = [...throughProxy(containers)];
  if (others.length > 0 && !sidecarHttpsProxy) {
    const problem = 'its containers name different proxies, so the sidecar uses none';
    problems.push({ problem, remedy: 'give all of them the same HTTPS_PROXY and NO_PROXY' });
  }
  return { variables: variablesOf(agreed && others.length === 0 ? agreed : ofSettings), problems };
}

type Kind = keyof typeof PROXY_ENV;
type Proxies = Readonly<Partial<Record<Kind, OwnValue>>>;
const KINDS = ['https', 'http', 'none'] as const;

/** Returns the proxies of a container; undefined if it names none, or if only the container knows them. */
function proxiesOf(container: unknown): Proxies | undefined {
  const proxies: Partial<Record<Kind, OwnValue>> = {};
  for (const kind of KINDS) {
    const value = ownValue(container, PROXY_ENV[kind]);
    if (value === 'unknown') return undefined;
    if (value) proxies[kind] = value;
  }
  return proxies.https || proxies.http ? proxies : undefined;
}

function variablesOf(proxies: Proxies): readonly NamedObject[] {
  return KINDS.flatMap((kind) => (proxies[kind] ? [{ name: PROXY_ENV[kind][0], ...proxies[kind] }] : []));
}

/**
 * Returns the problem of the containers that send every request by HTTP to a proxy, also those to the
 * loopback addresses. The sidecar would not be reached, and the proxy would get the token with which SDKs
 * authorize.
 */
function throughProxy(containers: readonly unknown[]): SidecarProxies['problems'] {
  const names = containers.filter(sendsLoopbackToProxy).map((container) => nameOf(container) ?? '');
  const [first, ...others] = names;
  if (first === undefined) return [];
  const more = others.length > 0 ? ` and ${others.length} others` : '';
  const problem = `container ${first}${more} may send its requests for the sidecar to HTTP_PROXY`;
  return [{ problem, remedy: 'add 127.0.0.1 and 169.254.169.254 to its NO_PROXY' }];
}

function sendsLoopbackToProxy(container: unknown): boolean {
  if (!ownValue(container, PROXY_ENV.http)) return false;
  const none = ownValue(container, PROXY_ENV.none);
  // A value that cannot be read here may name the loopback addresses.
  if (none === undefined) return asObject(container)?.['envFrom'] === undefined;
  if (none === 'unknown' || 'valueFrom' in none) return false;
  return !none.value.split(',').some((host) => /^\s*(?:\*\s*$|127\.)/.test(host));
}
