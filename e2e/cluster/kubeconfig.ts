import type { KeyPair } from '../../testing/certificates/certificates.ts';

/** Returns a self-contained kubeconfig: kubectl, client-go and client-node read JSON as YAML. */
export function kubeconfig(
  server: string,
  authority: string,
  user: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'e2e', user }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  });
}

/** Returns a user with a client certificate. */
export function certificateUser({ cert, key }: KeyPair): Record<string, string> {
  return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
}

/** Returns a user with a token. */
export function tokenUser(token: string): Record<string, string> {
  return { token };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
