import { renderForPrograms } from '../../lib/for-programs.ts';
import { choice, matching } from '../../lib/settings/kinds.ts';
import { resultOutput } from '../../lib/settings/output-setting.ts';
import { createSigningKey, KEY_TYPES, type SigningKey } from '../../oidc/keys/create-signing-key.ts';
import { placeFault } from '../../oidc/targets/place-fault.ts';
import { defineCommand } from '../command.ts';

export const keysCreate = defineCommand({
  description: `Creates a key pair for kube-apiserver to sign service account tokens with: sa.key, only for the control plane, and sa.pub.
For a host without Kubernetes, podrole token signs with such a key.
It prints the key ID and the flags that use the key. An existing file is never overwritten.
To change the key of a running cluster, use podrole keys rotate, which keeps every live token valid.`,
  examples: [
    ['keys create --out pki', 'An RSA key of 2048 bits, as kubeadm creates it'],
    ['keys create --out pki --type ec-p256', 'A key with shorter tokens'],
  ],
  settings: {
    out: matching({
      value: '<folder>',
      required: true,
      pattern: {
        test: (given) =>
          given.trim() !== '' && placeFault('--out', given) === undefined && !given.startsWith('s3:/'),
      },
      expected: 'a folder, not a URL',
      help: 'Folder for sa.key and sa.pub; created if it does not exist',
    }),
    type: choice({ values: KEY_TYPES, default: 'rsa-2048', help: 'Type of the key' }),
    output: resultOutput,
  },
  run: async ({ out, type, output }, { stdout }) => {
    const key = await createSigningKey(type, out);
    stdout.write(output === 'text' ? describe(key) : renderForPrograms(key, output));
    return 'done';
  },
});

/** [k8s] "Managing Service Accounts"; kubeadm, "Certificate management" */
function describe({ kid, privateKeyFile, publicKeyFile }: SigningKey): string {
  return `key ${kid}
  ${privateKeyFile}   private, only for what signs tokens
  ${publicKeyFile}   public

In a new cluster, on every control plane node:
kube-apiserver
  --service-account-signing-key-file=/etc/kubernetes/pki/sa.key
  --service-account-key-file=/etc/kubernetes/pki/sa.pub
  --service-account-issuer=https://…                        the issuer to publish
kube-controller-manager
  --service-account-private-key-file=/etc/kubernetes/pki/sa.key
With kubeadm, put both files into /etc/kubernetes/pki before kubeadm init: it sets the two key flags itself.

In a running cluster, do not replace its sa.key and sa.pub: live tokens need them. Instead run
  podrole keys rotate start --key-file ${publicKeyFile} --to PLACE
It prints what to change on the API servers, and when.

On a host without Kubernetes:
  podrole token --signing-key ${privateKeyFile} --issuer https://… --subject system:serviceaccount:hosts:NAME
`;
}
