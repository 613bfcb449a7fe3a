import { quote } from '../../identity/warning.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { type NamedObject, soleTokenOf } from '../pod-parts.ts';
import type { Oddity } from './oddity.ts';

const REMEDY = 'remove the volume, or correct it';

/**
 * Returns what is wrong with the token in a volume of the pod that has the name of podrole's; undefined if
 * nothing is. Its lifetime is for the pod to choose.
 * @param present projects a ServiceAccount token
 * @param wanted as podrole would write it
 */
export function oddTokenVolume(present: JsonObject, wanted: NamedObject): Oddity | undefined {
  const token = soleTokenOf(wanted);
  const path = asText(token?.['path']) ?? '';
  const audience = asText(token?.['audience']) ?? '';
  const tokens = objectsOf(asObject(present['projected'])?.['sources'])
    .map((source) => asObject(source['serviceAccountToken']))
    .filter((candidate) => candidate !== undefined);
  const what = `volume ${wanted.name} of the pod`;
  const atPath = tokens.find((candidate) => candidate['path'] === path);
  if (!atPath) {
    const other = asText(tokens[0]?.['path']) ?? '';
    return { problem: `${what} has its token at ${quote(other)}, not at ${quote(path)}`, remedy: REMEDY };
  }
  if (atPath['audience'] === audience) return undefined;
  const other = asText(atPath['audience']);
  const given = other ? `a token for the audience ${quote(other)}` : 'a token for the API server';
  return { problem: `${what} has ${given}, not for ${quote(audience)}`, remedy: REMEDY };
}
