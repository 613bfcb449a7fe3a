import type { KeyPair } from './certificates.ts';

/** A kubeconfig that holds all it needs: kubectl, client-go and client-node read JSON as YAML. */
export function kubeconfig(server: string, authority: string, client: KeyPair): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: 'e2e',
        user: {
          'client-certificate-data': base64(client.certificate),
          'client-key-data': base64(client.privateKey),
        },
      },
    ],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  });
}
