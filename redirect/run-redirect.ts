import { PodroleError } from '../lib/errors.ts';
import type { Output } from '../lib/surroundings.ts';
import { redirectDifferences } from './differences.ts';
import { loadRules, readTable } from './loaded-table.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import type { RunNft } from './nft-command.ts';
import { REDIRECT_TABLE, type Redirect, redirectsTo, renderRedirects, renderRemoval } from './rules.ts';
import { checkRedirectSettings, type RedirectSettings } from './settings.ts';

export interface RedirectSurroundings extends Output {
  readonly nft: RunNft;
  readonly namespace: NetworkNamespace;
}

/**
 * Runs `podrole redirect`: redirects the metadata addresses to the sidecar, or prints, checks or removes the
 * rules. The first packet of a connection decides about nat: a connection that is already open goes on to the
 * node, as under kiam, or breaks. So this must run before any container that could open one.
 * @throws PodroleError `HOST_NETWORK` in the machine's own network namespace, `REDIRECT_DIFFERS` if the
 *   kernel does not hold the expected rules, and faults of nft
 */
export function runRedirect(settings: RedirectSettings, surroundings: RedirectSurroundings): void {
  checkRedirectSettings(settings);
  const { stdout, stderr, nft, namespace } = surroundings;
  const redirects = redirectsTo(settings.port, namespace.hasIpv6);
  const ruleset = renderRedirects(redirects);
  const say = (text: string, json: object) =>
    stdout.write(
      settings.output === 'json' ? `${JSON.stringify({ table: REDIRECT_TABLE, ...json })}\n` : text,
    );
  if (settings.print) {
    say(ruleset, { ruleset });
    return;
  }
  if (settings.undo) {
    loadRules(nft, renderRemoval());
    say(`removed: this network namespace has no table ${REDIRECT_TABLE}\n`, { state: 'absent' });
    return;
  }
  if (!settings.check) {
    if (namespace.isMachines && !settings.hostNetwork) throw hostNetwork();
    loadRules(nft, ruleset);
  }
  verify(nft, redirects);
  if (!namespace.hasIpv6) stderr.write('note: the kernel has no IPv6; only IPv4 addresses are redirected\n');
  const addresses = redirects.map(({ protocol, address, port }) =>
    protocol === 'ip6' ? `[${address}]:${port}` : `${address}:${port}`,
  );
  say(`redirected to port ${settings.port} on loopback: ${addresses.join(', ')}\n`, {
    state: 'loaded',
    port: settings.port,
    addresses,
  });
}

function verify(nft: RunNft, redirects: readonly Redirect[]): void {
  const loaded = readTable(nft, REDIRECT_TABLE);
  const differences = loaded ? redirectDifferences(loaded, redirects) : ['does not exist'];
  if (differences.length === 0) return;
  throw new PodroleError(
    differences.map((problem) => ({
      code: 'REDIRECT_DIFFERS',
      object: `table ${REDIRECT_TABLE}`,
      problem,
      remedy: 'run podrole redirect, which replaces the table, and make sure that nothing else changes it',
    })),
  );
}

function hostNetwork(): PodroleError {
  return new PodroleError({
    code: 'HOST_NETWORK',
    object: 'the network namespace',
    problem: "is the machine's own: every program on it would lose the machine's own metadata service",
    remedy:
      'remove hostNetwork from the pod, or run it by unshare or nsenter; if you want that, or if the machine runs only one pod as with Kata, give --host-network',
  });
}
