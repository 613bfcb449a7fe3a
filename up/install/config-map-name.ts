import { createHash } from 'node:crypto';
import { compareText } from '../../lib/text/compare.ts';

/** Letters in place of digits and vowels, so that a hash is not a word. */
const LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/**
 * Returns the name that kustomize gives a ConfigMap with this data: pods then restart if the data changes,
 * and `kubectl apply -k` of the same settings finds nothing to change. kustomize, api/hasher
 */
export function configMapName(base: string, data: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(data).sort(([one], [other]) => compareText(one, other)));
  const json = JSON.stringify({ data: sorted, kind: 'ConfigMap', name: '' });
  // As Go's encoding/json, which escapes what HTML would take for a tag.
  const escaped = json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  const hash = createHash('sha256').update(escaped).digest('hex').slice(0, 10);
  return `${base}-${[...hash].map((char) => LETTERS[char] ?? char).join('')}`;
}
