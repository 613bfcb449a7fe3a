import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { containerRolesIn } from './container-annotation.ts';
import type { DesiredBinding, DesiredServiceAccount } from './desired.ts';

/**
 * Returns the containers of a ServiceAccount's pods that have roles of their own, by its annotation or by the
 * bindings of this run.
 * @param object as the API server answers it; undefined if it does not exist
 */
export function ownContainers(
  { namespace, name }: Pick<DesiredServiceAccount, 'namespace' | 'name'>,
  object: JsonObject | undefined,
  bindings: readonly DesiredBinding[],
): ReadonlySet<string> {
  const annotations = asObject(metadataOf(object)?.['annotations']);
  const listed = asText(annotations?.[PODROLE_ANNOTATION.containerRoles]) ?? '';
  const bound = bindings.flatMap(({ serviceAccount }) =>
    serviceAccount?.namespace === namespace && serviceAccount.name === name
      ? (serviceAccount.containerRoles ?? [])
      : [],
  );
  return new Set([...(containerRolesIn(listed)?.keys() ?? []), ...bound.map(({ container }) => container)]);
}
