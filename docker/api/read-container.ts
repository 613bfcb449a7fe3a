import { z } from 'zod';
import { COMPOSE_LABEL } from '../../lib/contract/compose.ts';
import { CONTAINER_ROLE_VARIABLE, ROLE_LABEL } from '../../lib/contract/podrole.ts';
import { normalizeAddress } from '../../lib/network/normalize-address.ts';
import { printable } from '../../lib/text/printable.ts';
import type { HostContainer, NetworkEndpoint } from '../containers/host-container.ts';

/** Only what is needed of an answer is kept. */
const endpoint = z.object({
  NetworkID: z.string(),
  EndpointID: z.string(),
  IPAddress: z.string(),
  GlobalIPv6Address: z.string(),
  MacAddress: z.string(),
});

const inspected = z.object({
  Id: z.string().regex(/^[\da-f]{64}$/),
  Name: z.string(),
  State: z.object({
    Running: z.boolean(),
    Restarting: z.boolean(),
    Pid: z.int().nonnegative(),
  }),
  HostConfig: z.object({ NetworkMode: z.string() }),
  Config: z.object({
    Image: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Env: z.array(z.string()).nullish(),
  }),
  NetworkSettings: z.object({
    SandboxKey: z.string().nullish(),
    Networks: z.record(z.string(), endpoint.nullable()).nullish(),
  }),
});

/**
 * Reads the answer to `/containers/ID/json`.
 * @throws ZodError
 */
export function readContainer(body: unknown): HostContainer {
  const { Id, Name, State, HostConfig, Config, NetworkSettings } = parseOrExplain(inspected, body);
  return {
    id: Id,
    name: Name.startsWith('/') ? Name.slice(1) : Name,
    image: Config.Image,
    labels: onlyOf(LABELS, Object.entries(Config.Labels ?? {})),
    // A variable may be there twice: the process gets the last one.
    environment: onlyOf(VARIABLES, (Config.Env ?? []).map(splitVariable)),
    // A container that waits for its next start counts as running, without a process.
    isRunning: State.Running && !State.Restarting && State.Pid > 0,
    pid: State.Pid,
    networkMode: HostConfig.NetworkMode,
    networkNamespace: NetworkSettings.SandboxKey ?? '',
    endpoints: Object.entries(NetworkSettings.Networks ?? {}).flatMap(([name, settings]) =>
      settings ? [readEndpoint(name, settings)] : [],
    ),
  };
}

const LABELS: ReadonlySet<string> = new Set([ROLE_LABEL, ...Object.values(COMPOSE_LABEL)]);
const VARIABLES: ReadonlySet<string> = new Set(Object.values(CONTAINER_ROLE_VARIABLE));

/** The others can be secrets, and megabytes of an image. */
function onlyOf(
  names: ReadonlySet<string>,
  entries: readonly (readonly [string, string])[],
): ReadonlyMap<string, string> {
  return new Map(entries.filter(([name]) => names.has(name)));
}

function readEndpoint(networkName: string, settings: z.infer<typeof endpoint>): NetworkEndpoint {
  return {
    networkId: settings.NetworkID,
    networkName,
    endpointId: settings.EndpointID,
    addresses: readAddresses(settings.IPAddress, settings.GlobalIPv6Address),
    mac: settings.MacAddress.toLowerCase(),
  };
}

/** Returns the addresses in the form of `normalizeAddress`, without those that are empty. */
export function readAddresses(...texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => normalizeAddress(text.split('/')[0] ?? '') ?? []);
}

/** The value may contain `=`. */
function splitVariable(variable: string): [name: string, value: string] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}

/** Labels are part of a place, and have any length. */
const MOST_SHOWN = 100;

/**
 * Checks an answer. The error names the places of the faults, and no value: environments contain secrets.
 * @throws Error
 */
export function parseOrExplain<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const places = result.error.issues
    .slice(0, 3)
    .map(({ path, code }) => `${printable(path.join('.').slice(0, MOST_SHOWN)) || 'it'} (${code})`);
  throw new Error(`unexpected ${places.join(', ')}`);
}
