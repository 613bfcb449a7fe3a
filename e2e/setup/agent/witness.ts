import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Server in a node's namespaces that stands where the agent stands. It logs for each connection what the node
 * knew about the caller at the moment when the connection was accepted: the kernel's link and bridge port of
 * the address, and kubelet's hosts files. The line that the caller sends says who it is.
 *   witness.ts PORT
 */
const [port] = process.argv.slice(2);
const PODS = '/var/lib/kubelet/pods';
const BRIDGE = '/sys/class/net/cni0/brforward';
/** Size of the kernel's `struct __fdb_entry`. */
const ENTRY_BYTES = 16;

const lastOf = new Map<string, string>();

const server = createServer((socket) => {
  const address = (socket.remoteAddress ?? '').replace('::ffff:', '');
  const link = linkOf(address);
  const seen = { address, link, bridgePort: link && bridgePortOf(link.mac), hosts: hostsFiles() };
  socket.on('error', () => {});
  socket.once('data', (data) => {
    const who = data.toString('utf8').trim();
    // A caller in a tight loop: only what has changed.
    const state = JSON.stringify(seen);
    if (lastOf.get(who) !== state) log({ msg: 'asked', who, ...seen });
    lastOf.set(who, state);
    socket.end();
  });
});
server.listen({ port: Number(port), backlog: 4_096 }, () => log({ msg: 'listening' }));

function log(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Entry of /proc/net/arp: address, type, flags, MAC, mask, device. */
function linkOf(address: string): { mac: string; device: string; flags: string } | undefined {
  const line = readFileSync('/proc/net/arp', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${address} `));
  const [, , flags, mac, , device] = line?.split(/\s+/) ?? [];
  return mac && device && flags ? { mac, device, flags } : undefined;
}

function bridgePortOf(mac: string): number | undefined {
  const table = readOrUndefined(BRIDGE);
  if (!table) return undefined;
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (table.subarray(at, at + 6).toString('hex') === mac.replaceAll(':', '')) return table[at + 6];
  }
  return undefined;
}

/** Addresses in kubelet's hosts file of each pod. */
function hostsFiles(): Record<string, readonly string[]> {
  return Object.fromEntries(
    readdirSync(PODS).map((uid) => {
      const content = readOrUndefined(`${PODS}/${uid}/etc-hosts`)?.toString('utf8');
      const addresses = content?.split('\n').flatMap((line) => /^(10\.\S+)\t/.exec(line)?.[1] ?? []);
      return [uid, addresses ?? ['no file']];
    }),
  );
}

function readOrUndefined(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
