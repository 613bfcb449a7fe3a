import type { ApiRoot } from '../../../kubernetes/api-path.ts';
import { apiPath } from '../../../kubernetes/api-path.ts';
import type { Parts } from '../../../kubernetes/read/json-parts.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import { type ClusterAccess, foldList } from '../../collect/cluster/read/read-cluster.ts';
import type { Unread } from './unread.ts';

/** A cluster that is read for an audit. */
export interface AuditAccess extends ClusterAccess {
  /** Only this namespace; undefined: all. */
  readonly namespace: string | undefined;
  readonly unread: Unread;
}

/** A kind of objects to list. */
export interface ListedKind {
  readonly root: ApiRoot;
  readonly resource: string;
  readonly isNamespaced: boolean;
  readonly parts: Parts;
  /** Silence of the audit without the list, in words. */
  readonly missing: string;
}

/** Most objects of one list: several times as many as the largest clusters have. */
const MAX_OBJECTS = 250_000;

/**
 * Passes the objects of a list on as its pages come, so that only what the caller keeps is held. What cannot
 * be read goes to `unread`.
 * @returns `some` if there are too many, or if the list broke off
 */
export async function eachObject(
  { namespace, unread, ...access }: AuditAccess,
  { root, resource, isNamespaced, parts, missing }: ListedKind,
  take: (object: JsonObject) => void,
): Promise<'all' | 'some' | 'denied'> {
  const ofNamespace = isNamespaced && namespace !== undefined ? ['namespaces', namespace] : [];
  const group = root === '/api/v1' ? '' : `.${root.split('/')[2]}`;
  const where = ofNamespace.length > 0 ? ` in the namespace ${namespace}` : '';
  const list = {
    path: apiPath(root, ...ofNamespace, resource),
    needs: `list on ${resource}${group}${where}`,
    parts,
    mostObjects: MAX_OBJECTS,
  };
  let seen = 0;
  const reading = await foldList(access, list, undefined, (_, object) => {
    seen += 1;
    take(object);
    return undefined;
  });
  unread.note(resource, reading, missing);
  if (reading.state !== 'read') return reading.state === 'denied' ? 'denied' : 'some';
  if (seen < MAX_OBJECTS) return 'all';
  unread.add(`${resource}: only the first ${MAX_OBJECTS} were read`);
  return 'some';
}
