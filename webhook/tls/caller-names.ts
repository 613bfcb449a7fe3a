import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Returns a check of the common name in a client certificate: a CA of `--client-ca` may sign other
 * certificates too, as a cluster's CA does for each kubelet. [k8s] kube-apiserver,
 * `--requestheader-allowed-names`
 * @param names an empty list allows every name
 */
export function callerNames(names: readonly string[]): (socket: Socket) => boolean {
  if (names.length === 0) return () => true;
  const known = new WeakMap<Socket, boolean>();
  return (socket) => {
    let allowed = known.get(socket);
    if (allowed === undefined) {
      // An array if the subject has several common names; then the caller is refused.
      const name: unknown = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
      allowed = typeof name === 'string' && names.includes(name);
      known.set(socket, allowed);
    }
    return allowed;
  };
}
