import type { EventObject } from '../../kubernetes/events/object-event.ts';
import { DNS_SUBDOMAIN_MAX_LENGTH } from '../../lib/contract/kubernetes.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;
const API_VERSION = /^[a-z0-9.-]{1,253}(?:\/[a-z0-9]{1,63})?$/;
const UID = /^[A-Za-z0-9-]{1,128}$/;
/** Most ownerReferences that are looked at: a pod that a controller creates names it first. */
const MAX_REFERENCES = 20;

/**
 * Returns the controller of a pod; undefined if it has none, or one that cannot have Events in the pod's
 * namespace: the Node of a mirror pod, or a reference that no API server would accept.
 */
export function podOwner(pod: JsonObject): EventObject | undefined {
  const references = asArray(metadataOf(pod)?.['ownerReferences'])?.slice(0, MAX_REFERENCES) ?? [];
  const controller = references.map(asObject).find((reference) => reference?.['controller'] === true);
  const [apiVersion, kind, name, uid] = ['apiVersion', 'kind', 'name', 'uid'].map((key) =>
    asText(controller?.[key]),
  );
  if (!apiVersion || !kind || !name || !uid || kind === 'Node') return undefined;
  if (name.length > DNS_SUBDOMAIN_MAX_LENGTH || !isObjectName(name)) return undefined;
  if (!KIND.test(kind) || !API_VERSION.test(apiVersion) || !UID.test(uid)) return undefined;
  return { apiVersion, kind, name, uid };
}
