import { choice, requiredText } from '../../lib/settings/settings.ts';
import { createSigningKey, KEY_TYPES, type SigningKey } from '../../oidc/keys/create-signing-key.ts';
import { defineCommand, EXIT } from '../command.ts';

export const keysCreate = defineCommand({
  description: `Makes a key pair that kube-apiserver signs service account tokens with: sa.key, for the control plane alone, and sa.pub.
It prints the key id and the flags that go with it. A file that is there is never overwritten.
To change the key of a running cluster, use podrole keys rotate: it keeps every live token valid.`,
  examples: [
    ['keys create --out pki', 'An RSA key of 2048 bits, as kubeadm makes it'],
    ['keys create --out pki --type ec-p256', 'A key whose tokens are shorter'],
  ],
  settings: {
    out: requiredText('<folder>', 'Where sa.key and sa.pub are written; made where it is missing'),
    type: choice(KEY_TYPES, 'rsa-2048', 'Kind of key'),
    output: choice(['text', 'json'], 'text', 'How the result is printed', { short: 'o' }),
  },
  run: async ({ out, type, output }, { stdout }) => {
    const key = await createSigningKey(type, out);
    stdout.write(output === 'json' ? `${JSON.stringify(key)}\n` : describe(key));
    return EXIT.ok;
  },
});

/** [k8s] "Managing Service Accounts"; kubeadm, "Certificate management" */
function describe({ kid, privateKeyFile, publicKeyFile }: SigningKey): string {
  return `key ${kid}
  ${privateKeyFile}   private, for the control plane alone
  ${publicKeyFile}   public

kube-apiserver, on every control plane node:
  --service-account-signing-key-file=/etc/kubernetes/pki/sa.key
  --service-account-key-file=/etc/kubernetes/pki/sa.pub     once a key: keep those of before
  --service-account-issuer=https://…                        the issuer to publish
kube-controller-manager:
  --service-account-private-key-file=/etc/kubernetes/pki/sa.key

For a new kubeadm cluster put both files into /etc/kubernetes/pki before kubeadm init; it takes them as they are.
In a running one the flags stand in /etc/kubernetes/manifests; publish the new key an hour before it signs.
`;
}
