import { createHash } from 'node:crypto';
import type { ExchangeTarget } from '../credentials/exchange/exchange.ts';
import { stsEndpoint } from '../credentials/exchange/sts-endpoint.ts';
import { STS_ENDPOINT_ENV } from '../lib/contract/sdk.ts';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { collectFaults, type Fault, PodroleError } from '../lib/errors.ts';
import { proxyFor } from '../lib/http/proxy/proxy-for.ts';
import type { Env } from '../lib/surroundings.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import type { EndpointFacts } from '../metadata/endpoint-facts.ts';
import type { SidecarSettings } from './settings.ts';

/** Settings of the sidecar, completed from its surroundings. */
export interface CompleteSidecarSettings {
  readonly target: ExchangeTarget;
  readonly facts: EndpointFacts;
}

export interface SettingsSurroundings {
  readonly env: Env;
  /** Host name: in a pod, the name of the pod. */
  readonly hostname: string;
  readonly startedAt: Date;
}

/** @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, with every fault of the settings */
export function completeSidecarSettings(
  settings: SidecarSettings,
  { env, hostname, startedAt }: SettingsSurroundings,
): CompleteSidecarSettings {
  const faults: Fault[] = [];
  const endpoint = collectFaults(faults, () => stsEndpoint(settings.region, env));
  const proxy = collectFaults(faults, () => endpoint && proxyFor(endpoint, env));
  const { roleArn, authorizationToken, authorizationTokenFile } = settings;
  if (authorizationToken !== undefined && authorizationTokenFile !== undefined) {
    faults.push({
      code: 'INVALID_SETTING',
      object: '--authorization-token',
      problem: 'excludes --authorization-token-file',
      remedy: 'give one of the two',
    });
  }
  if (faults.length > 0 || endpoint === undefined) throw new PodroleError(faults);
  return {
    target: {
      endpoint,
      ...(proxy && { proxy }),
      caFile: env[STS_ENDPOINT_ENV.caBundle] || undefined,
      roleArn: roleArn.arn,
      sessionName: settings.sessionName || sessionNameFor(hostname),
      durationSeconds: settings.sessionDuration,
      tokenFile: settings.tokenFile,
    },
    facts: {
      role: roleArn,
      region: settings.region,
      availabilityZone: settings.availabilityZone,
      availabilityZoneId: settings.availabilityZoneId,
      instanceId: settings.instanceId || instanceIdFor(hostname),
      startedAt,
    },
  };
}

/**
 * Returns a session name for a host, without the characters that a session name may not contain. Kubernetes
 * does not allow them in host names either, but other systems may.
 */
function sessionNameFor(hostname: string): string {
  return cutWithHash(`podrole-${hostname.replace(/[^\w+=,.@-]/g, '-')}`, SESSION_NAME.maxLength);
}

/** Returns an id that stays the same when the sidecar of a pod restarts, and differs between pods. */
function instanceIdFor(hostname: string): string {
  return `i-${createHash('sha256').update(hostname).digest('hex').slice(0, 17)}`;
}
