import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { BridgePort } from './bridge-port.ts';
import type { RunIp } from './neighbour.ts';

/**
 * Returns the name in /run/netns of the network namespace in which the other end of a port is; undefined if
 * it has no name there. Rejects if that cannot be read.
 */
export type FindNamespace = (port: BridgePort) => Promise<string | undefined>;

/** Time for which a failure is not tried again. */
const RETRY_MS = 1_000;
/** Ports that are remembered. Those that were found last are kept. */
const MOST_PORTS = 4_096;

interface Answer {
  readonly name: Promise<string | undefined>;
  /** Time from which `ip` may be asked again, by the monotonic clock. */
  againAtMs: number;
}

/**
 * Returns a function that finds namespaces by `ip` of iproute2, which needs no capability for it. It runs
 * once per port: only who has rights in both namespaces can move an interface from one container to another.
 */
export function namespaceFinder(runIp: RunIp, clock: Clock): FindNamespace {
  const answers = new Map<number, Answer>();
  return (port) => {
    const known = answers.get(port.index);
    if (known && clock.monotonicMs() < known.againAtMs) return known.name;
    const answer: Answer = { name: readName(runIp, port), againAtMs: Number.POSITIVE_INFINITY };
    answer.name.catch(() => {
      answer.againAtMs = clock.monotonicMs() + RETRY_MS;
    });
    answers.delete(port.index);
    answers.set(port.index, answer);
    const [oldest = port.index] = answers.keys();
    if (answers.size > MOST_PORTS) answers.delete(oldest);
    return answer.name;
  };
}

async function readName(runIp: RunIp, port: BridgePort): Promise<string | undefined> {
  const printed = await runIp(['-o', 'link', 'show', 'dev', port.device]).catch((thrown) => {
    throw new Error(`two ports of the bridge cannot be told apart: ${messageOf(thrown)}`);
  });
  return nameIn(printed, port);
}

/**
 * `7: veth0@if2: <BROADCAST,UP> mtu 1500 master podman0 … link-netns netns-8a5c…`. A namespace without a name
 * is shown as `link-netnsid 1`. The JSON of iproute2 6.1 does not contain the name.
 */
function nameIn(printed: string, { device, index, peerIndex }: BridgePort): string | undefined {
  const [line = ''] = printed.split('\n');
  const [shownIndex, shownDevice, ...words] = line.split(/[\s\\]+/);
  if (shownIndex !== `${index}:` || shownDevice !== `${device}@if${peerIndex}:`) {
    throw new Error('the link of the address is changing');
  }
  const at = words.indexOf('link-netns');
  return at < 0 ? undefined : words[at + 1];
}
