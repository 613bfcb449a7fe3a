import assert from 'node:assert/strict';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from './network-namespace.ts';
import { CLOUD_METADATA, type NodeNetwork, openNodeNetwork } from './node-network.ts';

/** `podrole redirect --node` on a node with pods, and who answers whom. */
const bundle = fileURLToPath(new URL('../../../dist/podrole.js', import.meta.url));
export const REDIRECT = [process.execPath, bundle, 'redirect', '--node'];
export const REDIRECT_DOCKER = [process.execPath, bundle, 'redirect', '--docker'];
export const REFUSED = /refused|reset by peer|No route to host|Host is unreachable|prohibited|denied/i;

export async function openWithCloud(): Promise<NodeNetwork> {
  const network = await openNodeNetwork();
  after(() => network.close());
  await network.cloud.listen(
    'cloud',
    CLOUD_METADATA.flatMap((address) => [`${address} 80`, `${address} 443`]),
  );
  return network;
}

/** An agent's stand-in. */
export const startAgent = ({ node }: NodeNetwork) => node.listen('agent', ['0.0.0.0 9921', ':: 9921']);

/** Returns the name of the server that answers, or `refused`. */
export async function ask(from: NetworkNamespace, address: string, port = 80): Promise<string> {
  const host = address.includes(':') ? `[${address}]` : address;
  const { stdout, stderr } = await from.run(['curl', '-sS', '--max-time', '20', `http://${host}:${port}/`]);
  return stdout || (REFUSED.test(stderr) || /Couldn't connect/i.test(stderr) ? 'refused' : stderr);
}

export async function askAll(
  from: NetworkNamespace,
  addresses: readonly string[] = CLOUD_METADATA,
  port = 80,
) {
  const answers = await Promise.all(addresses.map((address) => ask(from, address, port)));
  return [...new Set(answers)].join(' and ');
}

export async function redirect({ node }: NodeNetwork, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await node.run([...REDIRECT, ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}
