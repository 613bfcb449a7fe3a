import type { TargetRole } from '../credentials/chain/target-role.ts';
import type { ExchangeTarget } from '../credentials/exchange/exchange.ts';
import { stsAddress } from '../credentials/exchange/sts-address.ts';
import { sessionNameFor } from '../credentials/session-name.ts';
import { collectFaults, type Fault, PodroleError } from '../lib/errors.ts';
import type { Env } from '../lib/surroundings.ts';
import type { EndpointFacts } from '../metadata/endpoint-facts.ts';
import { instanceIdFor } from '../metadata/instance-id.ts';
import type { SidecarSettings } from './settings.ts';
import { targetRoleOf } from './target-role-of.ts';

/** Settings of the sidecar, completed from its surroundings. */
export interface CompleteSidecarSettings {
  readonly target: ExchangeTarget;
  /** Role that the role of `target` assumes; its session is served. */
  readonly targetRole: TargetRole | undefined;
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
  const sts = collectFaults(faults, () => stsAddress(settings.region, env));
  const { roleArn, authorizationToken, authorizationTokenFile } = settings;
  if (authorizationToken !== undefined && authorizationTokenFile !== undefined) {
    faults.push({
      code: 'INVALID_SETTING',
      object: '--authorization-token',
      problem: 'excludes --authorization-token-file',
      remedy: 'give one of the two',
    });
  }
  const targetRole = collectFaults(faults, () => targetRoleOf(settings));
  if (faults.length > 0 || sts === undefined) throw new PodroleError(faults);
  return {
    target: {
      ...sts,
      roleArn: roleArn.arn,
      sessionName: settings.sessionName || sessionNameFor(hostname),
      durationSeconds: settings.sessionDuration,
      tokenFile: settings.tokenFile,
    },
    targetRole,
    facts: {
      role: settings.targetRoleArn ?? roleArn,
      region: settings.region,
      availabilityZone: settings.availabilityZone,
      availabilityZoneId: settings.availabilityZoneId,
      instanceId: settings.instanceId || instanceIdFor(hostname),
      startedAt,
    },
  };
}
