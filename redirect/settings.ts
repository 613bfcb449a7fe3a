import { DEFAULT_AGENT_PORT, DEFAULT_DOCKER_PORT, DEFAULT_SIDECAR_PORT } from '../lib/contract/podrole.ts';
import { PodroleError } from '../lib/errors.ts';
import { choice, integer, list, toggle } from '../lib/settings/kinds.ts';
import { flagName, type SettingsOf } from '../lib/settings/settings.ts';

/** Settings of `podrole redirect`. */
export const redirectSettings = {
  port: integer({
    value: '<port>',
    min: 1,
    max: 65_535,
    default: DEFAULT_SIDECAR_PORT,
    help: 'Loopback port that the sidecar listens on',
  }),
  print: toggle({ default: false, help: 'Only print the rules, as input for nft -f' }),
  check: toggle({
    default: false,
    help: 'Change nothing; exit with 3 if the rules are missing or different',
  }),
  undo: toggle({ default: false, help: 'Remove the rules if they exist' }),
  hostNetwork: toggle({
    default: false,
    help: "Allow the machine's own network namespace: the metadata addresses are then redirected for the whole machine",
  }),
  node: toggle({
    default: false,
    help: 'Redirect all pods of this node to its agent; needs the network namespace of the node',
  }),
  agentPort: integer({
    value: '<port>',
    min: 1,
    max: 65_535,
    default: DEFAULT_AGENT_PORT,
    help: 'With --node: port that the agent listens on',
  }),
  podInterface: list({
    value: '<name>',
    help: 'With --node: network interfaces of pods, such as cni0 or cali*; without it, all but loopback, network cards and those with a default route or a --node-address',
  }),
  nodeAddress: list({
    value: '<address>',
    help: 'With --node: addresses of the node, status.hostIP in a pod; without it, those of the interface with the default route',
  }),
  docker: toggle({
    default: false,
    help: 'Redirect all containers of this Docker or Podman host to podrole docker; needs the network namespace of the host',
  }),
  dockerPort: integer({
    value: '<port>',
    min: 1,
    max: 65_535,
    default: DEFAULT_DOCKER_PORT,
    help: 'With --docker: port that podrole docker listens on',
  }),
  containerInterface: list({
    value: '<name>',
    help: 'With --docker: network interfaces of containers, such as docker0 or br-*; without it, all but loopback, network cards and those with a default route',
  }),
  watch: toggle({
    default: false,
    help: 'With --node or --docker: stay, load the rules again when they or the interfaces change, and leave them loaded at the end',
  }),
  output: choice({
    values: ['text', 'json'],
    default: 'text',
    short: 'o',
    help: 'text: for people; json: for programs',
  }),
} as const;

export type RedirectSettings = SettingsOf<typeof redirectSettings>;

/** @throws PodroleError `INVALID_SETTING` if flags exclude each other */
export function checkRedirectSettings(settings: RedirectSettings): void {
  const { print, check, undo, watch, node, docker, hostNetwork } = settings;
  checkExclusive({ print, check, undo, watch });
  checkExclusive({ node, docker, hostNetwork });
  const forNode = {
    podInterface: settings.podInterface.length > 0,
    nodeAddress: settings.nodeAddress.length > 0,
  };
  if (!node) checkNotGiven(forNode, '--node');
  if (!docker) checkNotGiven({ containerInterface: settings.containerInterface.length > 0 }, '--docker');
  if (!node && !docker) checkNotGiven({ watch }, '--node or --docker');
}

function checkNotGiven(flags: Readonly<Record<string, boolean>>, needed: string): void {
  for (const name of givenFlags(flags))
    throw refused(name, `needs ${needed}`, `add ${needed}, or leave it out`);
}

function checkExclusive(flags: Readonly<Record<string, boolean>>): void {
  const [first, ...others] = givenFlags(flags);
  if (first === undefined || others.length === 0) return;
  throw refused(first, `excludes ${others.join(' and ')}`, 'give one of them');
}

function givenFlags(flags: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(flags)
    .filter(([, isGiven]) => isGiven)
    .map(([name]) => `--${flagName(name)}`);
}

function refused(object: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'INVALID_SETTING', object, problem, remedy });
}
