import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { parseKeySet, servedKeys } from '../keys/key-set.ts';
import type { KeySource } from './key-source.ts';

/** The live API server: its keys and its issuer. */
export interface ApiServerKeys extends KeySource {
  /**
   * The issuer of its discovery document: the first `--service-account-issuer`, which signs.
   * @throws PodroleError `API_UNREACHABLE`, `API_REFUSED`
   */
  readIssuer(signal: AbortSignal): Promise<string>;
  close(): void;
}

const TIMEOUT_MS = 10_000;

/**
 * Asks the API server rather than reading the files it was started with: with an external signer there are no
 * files.
 */
export function apiServerKeys(client: ApiClient): ApiServerKeys {
  const name = 'API server';
  async function get(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await client.get(path, { timeoutMs: TIMEOUT_MS, signal });
    if (answer.status === 200) return answer.body;
    throw apiRefused(
      path,
      answer,
      answer.status === 403
        ? 'bind the ClusterRole system:service-account-issuer-discovery to this user'
        : 'use an API server whose --service-account-issuer is an https URL',
    );
  }
  return {
    name,
    read: async (signal) =>
      servedKeys(parseKeySet(await get(JWKS_PATH, signal), `${name} ${JWKS_PATH}`), name),
    readIssuer: async (signal) => asText(asObject(await get(DISCOVERY_PATH, signal))?.['issuer']) ?? '',
    close: () => client.close(),
  };
}
