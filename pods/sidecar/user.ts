import { SIDECAR_USER_ID } from '../../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';

/**
 * Returns the user of the sidecar: the one that all other containers of the pod run as, if they share one and
 * it is not root, else SIDECAR_USER_ID.
 *
 * kubelet makes a projected token readable for every container, whatever user it runs as: [k8s]
 * pkg/volume/projected, pkg/volume/util FsUserFrom
 *
 * - `fsGroup` set: mode 0640, group fsGroup, and every container is in that group;
 * - all containers and init containers have the same `runAsUser`, their own or the pod's: mode 0600, owned by
 *   that user;
 * - otherwise: mode 0644.
 *
 * A sidecar with another user would turn the second case into the third, so that any process of the pod could
 * read the token. With the shared user the mode stays 0600, in `credentials` mode. In `metadata` mode the
 * redirect runs as root, and the mode is 0644 in any case. An admission controller that confines pods to a
 * range of users (OpenShift) gave that user to the other containers, and accepts it here too.
 * @param ours names of the containers that podrole adds
 */
export function sidecarUserId(spec: JsonObject, ours: readonly string[]): number {
  const ofPod = userOf(spec);
  const users = ['initContainers', 'containers'].flatMap((list) =>
    (asArray(spec[list]) ?? [])
      .filter((container) => !ours.some((name) => name === asObject(container)?.['name']))
      .map((container) => userOf(asObject(container)) ?? ofPod),
  );
  const [first] = users;
  const isShared = first !== undefined && first !== 0 && users.every((user) => user === first);
  return isShared ? first : SIDECAR_USER_ID;
}

function userOf(podOrContainer: JsonObject | undefined): number | undefined {
  const user = asObject(podOrContainer?.['securityContext'])?.['runAsUser'];
  return typeof user === 'number' ? user : undefined;
}
