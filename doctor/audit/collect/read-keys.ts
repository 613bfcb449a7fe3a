import type { JsonObject } from '../../../lib/json/json.ts';
import type { StaticKey } from '../facts/audit-facts.ts';
import { keysInData } from '../keys/keys-in-objects.ts';
import { type AuditAccess, eachObject, type ListedKind } from './bounded-list.ts';
import type { Unread } from './unread.ts';

const METADATA = { namespace: true, name: true, annotations: true } as const;
const CONFIG_MAPS: ListedKind = {
  root: '/api/v1',
  resource: 'configmaps',
  isNamespaced: true,
  parts: { metadata: METADATA, data: true, binaryData: true },
  missing: 'static keys in ConfigMaps',
};
const SECRETS: ListedKind = {
  root: '/api/v1',
  resource: 'secrets',
  isNamespaced: true,
  parts: { metadata: METADATA, data: true },
  missing: 'static keys in Secrets',
};

/** Most keys of one cluster. */
const MAX_KEYS = 1_000;

/** A list of static keys that stays small whatever tenants store. */
export interface KeyList {
  readonly found: readonly StaticKey[];
  readonly add: (keys: readonly StaticKey[]) => void;
  /** Says what was left out. */
  readonly end: (unread: Unread) => void;
}

export function createKeyList(): KeyList {
  const found: StaticKey[] = [];
  let leftOut = 0;
  return {
    found,
    add: (keys) => {
      for (const key of keys) {
        if (found.length < MAX_KEYS) found.push(key);
        else leftOut += 1;
      }
    },
    end: (unread) => {
      if (leftOut > 0) unread.add(`static keys: ${leftOut} more than the first ${MAX_KEYS} were found`);
    },
  };
}

/** Looks for static keys in ConfigMaps and Secrets. One object is held at a time, and none is kept. */
export async function readKeys(access: AuditAccess, keys: KeyList): Promise<void> {
  const take = (kind: 'ConfigMap' | 'Secret') => (object: JsonObject) => keys.add(keysInData(kind, object));
  await eachObject(access, CONFIG_MAPS, take('ConfigMap'));
  await eachObject(access, SECRETS, take('Secret'));
}
