import type { NextStep } from '../decide/next-step.ts';
import type { Task } from '../decide/verdict.ts';
import { isoTime } from '../state/iso-time.ts';
import type { RotationState, RotationStep } from '../state/state.ts';

/** Where kubeadm keeps its keys; its static pods have that folder mounted. [k8s] "PKI certificates and requirements" */
const PKI = '/etc/kubernetes/pki';
const MANIFESTS = '/etc/kubernetes/manifests';

/** File of a key on the API servers: a name of its own, so that the two never take each other's place. */
function keyFile(kid: string, suffix: 'pub' | 'key'): string {
  return `${PKI}/sa-${kid.replace(/\W/g, '').slice(0, 8)}.${suffix}`;
}

/** What is to be done on the API servers, a line each. Paths and manifests are kubeadm's; the flags are kube-apiserver's anywhere. */
export function instructionsFor(task: Task, { oldKid, newKid }: RotationState): readonly string[] {
  const publicKey = keyFile(newKid, 'pub');
  const privateKey = keyFile(newKid, 'key');
  const where = `On every API server, one after the other (kubeadm: ${MANIFESTS}/kube-apiserver.yaml)`;
  if (task === 'trust') {
    return [
      `${where}:`,
      `  copy the new public key to ${publicKey}`,
      `  add     --service-account-key-file=${publicKey}`,
      `  keep    --service-account-key-file=${PKI}/sa.pub, whatever file holds the old key`,
      `  keep    --service-account-signing-key-file as it is`,
      'Wait for its /readyz before the next one.',
    ];
  }
  if (task === 'switch') {
    return [
      `${where}:`,
      `  copy the new private key to ${privateKey}, mode 0600`,
      `  set     --service-account-signing-key-file=${privateKey}`,
      '  keep    both --service-account-key-file',
      'Wait for its /readyz before the next one.',
      `Then on every controller manager (kubeadm: ${MANIFESTS}/kube-controller-manager.yaml), for token Secrets:`,
      `  set     --service-account-private-key-file=${privateKey}`,
    ];
  }
  if (task === 'finish') {
    return [
      'Secrets of type kubernetes.io/service-account-token never expire; those that the old key signed no longer open the API server:',
      '  kubectl get secrets -A --field-selector type=kubernetes.io/service-account-token',
      '  delete and make anew those that are still in use.',
      'Clients that read their token once and never again (API server metric serviceaccount_stale_tokens_total) must restart.',
      `${where}:`,
      `  remove  --service-account-key-file of the old key ${oldKid}`,
      `  keep    --service-account-key-file=${publicKey}`,
      `kubeadm writes sa.pub and sa.key into its manifests again with the next upgrade: put the new pair in their place, ${PKI}/sa.pub and ${PKI}/sa.key, and name these in all flags; or keep the flags under apiServer.extraArgs of its ClusterConfiguration.`,
    ];
  }
  return [
    `${where}:`,
    `  remove  --service-account-key-file=${publicKey}, of the new key ${newKid}`,
    '  keep    --service-account-key-file of the old key',
    '  keep    --service-account-signing-key-file of the old key',
    'And on every controller manager --service-account-private-key-file of the old key.',
  ];
}

const CALM: Readonly<Record<RotationStep, string>> = {
  start: 'podrole keys rotate start --key-file NEW.pub',
  trust: 'podrole keys rotate trust',
  switch: 'podrole keys rotate switch',
  finish: 'podrole keys rotate finish',
  abort: 'podrole keys rotate abort',
};

/** One line on what to run next and when. */
export function describeNext(next: NextStep | undefined, nowMs: number): string {
  if (!next) return 'next: nothing; a new rotation may start';
  const { step, notBeforeMs } = next;
  const when =
    notBeforeMs === undefined
      ? ''
      : nowMs < notBeforeMs
        ? `, not before ${isoTime(notBeforeMs)}: change nothing on the API servers until then`
        : `, allowed since ${isoTime(notBeforeMs)}: it says what to do first`;
  return `next: ${CALM[step]}${when}`;
}
