/** The text of a setting, and the flag or variable that it was given by. */
export interface GivenSetting {
  readonly origin: string;
  readonly text: string;
}

export function firstFlag(
  names: readonly string[],
  flagName: (name: string) => string,
  given: Readonly<Record<string, unknown>>,
): GivenSetting | undefined {
  const name = names.find((candidate) => given[candidate] !== undefined);
  return name === undefined ? undefined : { origin: `--${flagName(name)}`, text: String(given[name]) };
}

/**
 * Kubernetes sets PODROLE_PORT=tcp://… in every pod beside a Service named podrole, and PODROLE_METRICS_PORT beside podrole-metrics.
 * All that it sets with such a value ends so; in any other variable the value is what somebody set, be it a guard.
 * [k8s] "Service", Docker-compatible environment variables
 */
function isServiceLink(variable: string, value: string): boolean {
  return variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

/** The first of the variables that is set, be it to nothing. */
export function firstVariable(
  variables: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): GivenSetting | undefined {
  for (const variable of variables) {
    const value = env[variable];
    if (value !== undefined && !isServiceLink(variable, value)) return { origin: variable, text: value };
  }
  return undefined;
}

/** The first of others' variables that is set; as for the SDKs, an empty one is not. */
export function firstOther(
  variables: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>>,
): GivenSetting | undefined {
  return firstVariable(
    variables.filter((variable) => env[variable]),
    env,
  );
}
