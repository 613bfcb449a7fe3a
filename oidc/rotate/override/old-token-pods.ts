import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { listObjects } from '../../../kubernetes/read/list-objects.ts';
import { TOKEN_EXPIRY_GRACE_SECONDS } from '../../../lib/contract/sts.ts';
import { messageOf } from '../../../lib/errors.ts';
import { asArray, asObject, asText } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';

/** [k8s] ServiceAccountTokenProjection.expirationSeconds, its default */
const DEFAULT_EXPIRATION_SECONDS = 3_600;
const NAMES_SHOWN = 20;
const TIMEOUT_MS = 30_000;

/**
 * Returns whether a pod may hold a live token that was issued before a moment, for an audience other than the
 * API server.
 * @param pod as the API server holds it
 * @param mintedBeforeMs when the last API server stopped signing with the key
 */
export function mayHoldTokenOf(pod: unknown, mintedBeforeMs: number, nowMs: number): boolean {
  const object = asObject(pod);
  const startedAtMs = Date.parse(asText(metadataOf(object)?.['creationTimestamp']) ?? '');
  const phase = asObject(object?.['status'])?.['phase'];
  if (!(startedAtMs < mintedBeforeMs) || phase === 'Succeeded' || phase === 'Failed') return false;
  const volumes = asArray(asObject(object?.['spec'])?.['volumes']) ?? [];
  const sources = volumes.flatMap(
    (volume) => asArray(asObject(asObject(volume)?.['projected'])?.['sources']) ?? [],
  );
  return sources.some((source) => {
    const token = asObject(asObject(source)?.['serviceAccountToken']);
    if (!asText(token?.['audience'])) return false;
    const seconds = Number(token?.['expirationSeconds'] ?? DEFAULT_EXPIRATION_SECONDS);
    return nowMs < mintedBeforeMs + (seconds + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000;
  });
}

/** Names the pods of the cluster that must restart if a key is removed now, as lines of text. */
export async function describeOldTokenPods(
  client: ApiClient,
  mintedBeforeMs: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const pod of listObjects(client, '/api/v1/pods', {}, { timeoutMs: TIMEOUT_MS, signal })) {
      const { namespace, name } = metadataOf(pod) ?? {};
      if (mayHoldTokenOf(pod, mintedBeforeMs, nowMs)) names.push(`${namespace}/${name}`);
    }
  } catch (thrown) {
    return [`could not list these pods: ${messageOf(thrown)}`];
  }
  if (names.length === 0) return ['no pod of this cluster holds such a token'];
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return [`pods of this cluster that hold such a token: ${shown}${more}`];
}
