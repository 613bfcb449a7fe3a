import { ENV } from '../../lib/contract/sdk.ts';
import type { PodFacts } from '../facts/pod-facts.ts';

/** Lifetime of a session that a container asks for. */
export interface AskedDuration {
  readonly container: string;
  readonly variable: string;
  readonly seconds: number;
}

/** Of podrole's sidecar, and names that other programs around the SDKs read. */
export const DURATION_VARIABLES = [
  'PODROLE_SESSION_DURATION',
  'AWS_ROLE_DURATION_SECONDS',
  'AWS_ROLE_SESSION_DURATION',
];

/**
 * Returns the longest session of a role that a container of a pod asks for by a variable; undefined if none
 * does, and so all get the default of STS, an hour, which every role allows. A container that has another
 * role asks for sessions of that one.
 */
export function askedDuration(pod: PodFacts | undefined, roleArn: string): AskedDuration | undefined {
  const ofRole = (pod?.containers ?? []).filter(({ env }) =>
    env.every(({ name, value }) => name !== ENV.roleArn || value === undefined || value === roleArn),
  );
  const asked = ofRole.flatMap(({ name: container, env }) =>
    env.flatMap(({ name: variable, value = '' }) =>
      DURATION_VARIABLES.includes(variable) && /^\d{1,9}$/.test(value)
        ? [{ container, variable, seconds: Number(value) }]
        : [],
    ),
  );
  return asked.sort((one, other) => other.seconds - one.seconds)[0];
}
