import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import type { LoadedTable } from '../nft-listing.ts';
import type { NodeChain } from './node-table.ts';
import type { Statement } from './statement.ts';

/**
 * Returns what keeps the table of a node from being exactly these chains, each as the end of a sentence that
 * begins with the table; empty if it is as it should be. The order of rules counts.
 */
export function nodeDifferences(loaded: LoadedTable, wanted: readonly NodeChain[]): readonly string[] {
  const known = new Set(wanted.map(({ name }) => name));
  return [
    ...(loaded.hasFlags ? ['has flags, and may be dormant'] : []),
    ...loaded.chains.flatMap(({ name }) =>
      known.has(String(name)) ? [] : [`has a chain that is not podrole's: ${name}`],
    ),
    ...loaded.rules.flatMap(({ chain, text }) =>
      known.has(chain) ? [] : [`has a rule in ${chain} that is not podrole's: ${text}`],
    ),
    ...wanted.flatMap((chain) => [...placeDifferences(loaded, chain), ...ruleDifferences(loaded, chain)]),
    ...loaded.others.map((kind) => `has a ${kind} that is not podrole's`),
  ];
}

function placeDifferences({ chains }: LoadedTable, { name, base }: NodeChain): readonly string[] {
  const found = chains.find((chain) => chain['name'] === name);
  if (!found) return [`has no chain ${name}`];
  const wanted: JsonObject = base ? { ...base, policy: 'accept' } : {};
  return ['type', 'hook', 'prio', 'policy', 'dev'].flatMap((property) =>
    found[property] === wanted[property]
      ? []
      : [
          `has a chain ${name} with ${property} ${found[property] ?? 'not set'}, not ${wanted[property] ?? 'set'}`,
        ],
  );
}

function ruleDifferences(loaded: LoadedTable, { name, rules }: NodeChain): readonly string[] {
  const found = loaded.rules.filter(({ chain }) => chain === name);
  const isSame = (index: number) => {
    const rule = rules[index];
    return rule !== undefined && canonical(found[index]?.expr) === canonical(rule.map(({ json }) => json));
  };
  const wrong = Array.from({ length: Math.max(found.length, rules.length) }, (_, index) => index).find(
    (index) => !isSame(index),
  );
  if (wrong === undefined) return [];
  const [is, shouldBe] = [found[wrong]?.text, rules[wrong]];
  if (!shouldBe) return [`has a rule in ${name} that is not podrole's: ${is}`];
  const lack = `lacks the rule in ${name}: ${textOf(shouldBe)}`;
  return [is === undefined ? lack : `${lack}; it has ${is} there`];
}

function textOf(rule: readonly Statement[]): string {
  return rule.map(({ text }) => text).join(' ');
}

/** Number of TCP in IP headers. RFC 9293 */
const TCP = '6';

/**
 * The same string for the same expression. Versions of nft list the number of an interface as 0 or "0", and
 * without /etc/protocols, as in the image, nft lists the number of a protocol.
 */
function canonical(value: unknown): string {
  if (value === 'tcp') return canonical(TCP);
  const array = asArray(value);
  if (array) return `[${array.map(canonical).join()}]`;
  const object = asObject(value);
  if (!object) return JSON.stringify(typeof value === 'number' ? String(value) : (value ?? null));
  const members = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}
