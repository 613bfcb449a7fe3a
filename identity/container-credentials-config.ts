import { type Fault, messageOf } from '../lib/errors.ts';
import { asArray, asObject } from '../lib/json/json.ts';
import { parseJson } from '../lib/json/parse-json.ts';

/** ServiceAccounts that the container-credentials file names. */
export interface ContainerCredentialsSet {
  readonly size: number;
  has(namespace: string, serviceAccountName: string): boolean;
}

export type ParsedContainerCredentialsConfig =
  | { readonly ok: true; readonly identities: ContainerCredentialsSet }
  /** The caller keeps the last good set. */
  | { readonly ok: false; readonly fault: Fault };

/** No file, or an empty one. */
export const NO_CONTAINER_CREDENTIALS: ContainerCredentialsSet = { size: 0, has: () => false };

/**
 * Parses the file of `--watch-container-credentials-config`: `{"identities": [{"namespace",
 * "serviceAccount"}]}`. Names are matched exactly.
 * @param text undefined (no such file) or empty: an empty set
 */
export function parseContainerCredentialsConfig(text: string | undefined): ParsedContainerCredentialsConfig {
  if (text === undefined || text.trim() === '') return { ok: true, identities: NO_CONTAINER_CREDENTIALS };
  let config: unknown;
  try {
    config = parseJson(text);
  } catch (thrown) {
    return fault(messageOf(thrown));
  }
  const root = asObject(config);
  if (!root) return fault('is not a JSON object');
  const list = asArray(root['identities'] ?? []);
  if (!list) return fault('identities is not a list');
  const keys = new Set<string>();
  for (const [index, item] of list.entries()) {
    const { namespace, serviceAccount } = asObject(item) ?? {};
    if (typeof namespace !== 'string' || typeof serviceAccount !== 'string') {
      return fault(`identities[${index}] lacks namespace or serviceAccount`);
    }
    keys.add(`${namespace}/${serviceAccount}`);
  }
  const has = (namespace: string, serviceAccountName: string) =>
    keys.has(`${namespace}/${serviceAccountName}`);
  return { ok: true, identities: { size: keys.size, has } };
}

function fault(problem: string): ParsedContainerCredentialsConfig {
  return {
    ok: false,
    fault: {
      code: 'INVALID_CONTAINER_CREDENTIALS_CONFIG',
      object: 'container credentials config',
      problem,
      remedy:
        'write {"identities": [{"namespace": "shop", "serviceAccount": "web"}]}; ' +
        'until then the last good one stays in use',
    },
  };
}
