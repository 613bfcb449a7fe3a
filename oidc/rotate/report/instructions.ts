import type { NextStep } from '../decide/next-step.ts';
import type { Task } from '../decide/verdict.ts';
import { isoTime } from '../state/iso-time.ts';
import type { RotationState, RotationStep } from '../state/state.ts';

/** Folder of kubeadm's keys, which its static pods mount. [k8s] "PKI certificates and requirements" */
const PKI = '/etc/kubernetes/pki';
const MANIFESTS = '/etc/kubernetes/manifests';

/** Path of a key on the API servers. Each key has its own name, so that neither overwrites the other. */
function keyFile(kid: string, suffix: 'pub' | 'key'): string {
  return `${PKI}/sa-${kid.replace(/\W/g, '').slice(0, 8)}.${suffix}`;
}

/**
 * Returns what to do on the API servers, one line each. Paths and manifests are kubeadm's, flags are
 * kube-apiserver's.
 */
export function instructionsFor(task: Task, { oldKid, newKid }: RotationState): readonly string[] {
  const publicKey = keyFile(newKid, 'pub');
  const privateKey = keyFile(newKid, 'key');
  const where = `On every API server, one at a time (kubeadm: ${MANIFESTS}/kube-apiserver.yaml)`;
  if (task === 'trust') {
    return [
      `${where}:`,
      `  copy the new public key to ${publicKey}`,
      `  add     --service-account-key-file=${publicKey}`,
      `  keep    --service-account-key-file=${PKI}/sa.pub, or whichever file has the old key`,
      `  keep    --service-account-signing-key-file as it is`,
      'Wait until its /readyz answers ok before you go on to the next one.',
    ];
  }
  if (task === 'switch') {
    return [
      `${where}:`,
      `  copy the new private key to ${privateKey}, mode 0600`,
      `  set     --service-account-signing-key-file=${privateKey}`,
      '  keep    both --service-account-key-file flags',
      'Wait until its /readyz answers ok before you go on to the next one.',
      `Then on every controller manager (kubeadm: ${MANIFESTS}/kube-controller-manager.yaml), for token Secrets:`,
      `  set     --service-account-private-key-file=${privateKey}`,
    ];
  }
  if (task === 'finish') {
    return [
      'Tokens in Secrets of type kubernetes.io/service-account-token never expire. The API server will refuse those that the old key signed:',
      '  kubectl get secrets -A --field-selector type=kubernetes.io/service-account-token',
      '  delete and recreate the Secrets that are still in use.',
      'Clients that read their token only once must restart (API server metric serviceaccount_stale_tokens_total).',
      `${where}:`,
      `  remove  --service-account-key-file of the old key ${oldKid}`,
      `  keep    --service-account-key-file=${publicKey}`,
      `The next kubeadm upgrade writes sa.pub and sa.key into the manifests again. Either copy the new pair to ${PKI}/sa.pub and ${PKI}/sa.key and name these in all flags, or keep the flags in apiServer.extraArgs of the ClusterConfiguration.`,
    ];
  }
  return [
    `${where}:`,
    `  remove  --service-account-key-file=${publicKey}, which is the new key ${newKid}`,
    '  keep    --service-account-key-file of the old key',
    '  keep    --service-account-signing-key-file of the old key',
    'Then on every controller manager, set --service-account-private-key-file to the old key.',
  ];
}

const CALM: Readonly<Record<RotationStep, string>> = {
  start: 'podrole keys rotate start --key-file NEW.pub',
  trust: 'podrole keys rotate trust',
  switch: 'podrole keys rotate switch',
  finish: 'podrole keys rotate finish',
  abort: 'podrole keys rotate abort',
};

/** Returns one line on what to run next and when. */
export function describeNext(next: NextStep | undefined, nowMs: number): string {
  if (!next) return 'next: nothing; you can start a new rotation';
  const { step, notBeforeMs } = next;
  const when =
    notBeforeMs === undefined
      ? ''
      : nowMs < notBeforeMs
        ? `, not before ${isoTime(notBeforeMs)}: change nothing on the API servers until then`
        : `, allowed since ${isoTime(notBeforeMs)}: it prints what to do first`;
  return `next: ${CALM[step]}${when}`;
}
