import { PodroleError } from '../lib/errors.ts';
import { asObject, asText } from '../lib/json/json.ts';
import type { ApiClient, Limits } from './api-client.ts';
import { apiObject, apiRefused } from './api-refusal.ts';

/** Oldest Kubernetes that podrole works with. */
export const OLDEST_KUBERNETES = '1.29';

const PATH = '/version';

/**
 * Returns the version of the API server: `v1.37.0`.
 * @param remedy for an answer without it, except a 401
 * @throws PodroleError `API_UNREACHABLE`, `API_REFUSED`
 */
export async function readServerVersion(
  client: Pick<ApiClient, 'get'>,
  limits: Limits,
  remedy: string,
): Promise<string> {
  const answer = await client.get(PATH, limits);
  if (answer.status !== 200) throw apiRefused(PATH, answer, remedy);
  const version = asText(asObject(answer.body)?.['gitVersion']);
  if (version !== undefined) return version;
  const problem = 'answered without a gitVersion';
  throw new PodroleError({ code: 'API_REFUSED', object: apiObject(answer, PATH), problem, remedy });
}

/** Returns true for a version before OLDEST_KUBERNETES, and false for one that is not understood. */
export function isTooOld(version: string): boolean {
  const [major, minor] = numbersOf(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbersOf(OLDEST_KUBERNETES);
  if (major === undefined || minor === undefined) return false;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function numbersOf(version: string): readonly number[] {
  return (/^v?(\d{1,5})\.(\d{1,5})(?!\d)/.exec(version) ?? []).slice(1).map(Number);
}
