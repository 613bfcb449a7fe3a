import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Tells by the common name of its client certificate who may call: an authority of `--client-ca` may sign others too, as a cluster's
 * own does for each kubelet. [k8s] kube-apiserver, `--requestheader-allowed-names`
 * @param names an empty list allows every name
 */
export function callerNames(names: readonly string[]): (socket: Socket) => boolean {
  if (names.length === 0) return () => true;
  const known = new WeakMap<Socket, boolean>();
  return (socket) => {
    let allowed = known.get(socket);
    if (allowed === undefined) {
      // An array where the subject has several: none of them is the name then.
      const name: unknown = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
      allowed = typeof name === 'string' && names.includes(name);
      known.set(socket, allowed);
    }
    return allowed;
  };
}
