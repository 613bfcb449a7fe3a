import type { Env } from '../surroundings.ts';

/** A given value as a string, and the flag or variable that gave it. */
export interface GivenSetting {
  readonly origin: string;
  readonly text: string;
  readonly isFlag: boolean;
}

export function firstFlag(
  names: readonly string[],
  flagName: (name: string) => string,
  given: Readonly<Record<string, unknown>>,
): GivenSetting | undefined {
  const name = names.find((candidate) => given[candidate] !== undefined);
  return name === undefined
    ? undefined
    : { origin: `--${flagName(name)}`, text: String(given[name]), isFlag: true };
}

/**
 * Kubernetes sets PODROLE_PORT=tcp://… in every pod beside a Service named podrole, and PODROLE_METRICS_PORT
 * beside podrole-metrics. All its variables with such a value end in _PORT. In any other variable, a user set
 * the value, and it may be a guard.
 * [k8s] "Service", Docker-compatible environment variables
 */
export function isServiceLink(variable: string, value: string): boolean {
  return variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

/** Returns the first of the variables that is set, even if it is empty. */
export function firstVariable(variables: readonly string[], env: Env): GivenSetting | undefined {
  for (const variable of variables) {
    const value = env[variable];
    if (value !== undefined && !isServiceLink(variable, value))
      return { origin: variable, text: value, isFlag: false };
  }
  return undefined;
}

/** Returns the first set variable that others define. As for the SDKs, an empty one is not set. */
export function firstOther(variables: readonly string[] = [], env: Env): GivenSetting | undefined {
  return firstVariable(
    variables.filter((variable) => env[variable]),
    env,
  );
}
