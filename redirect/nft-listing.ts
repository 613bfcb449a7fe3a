import { PodroleError } from '../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { REDIRECT_TABLE, type Redirect } from './rules.ts';

/** A rule of the table. */
export interface LoadedRule {
  readonly chain: string;
  /** What it redirects; undefined where it is any other kind of rule. */
  readonly redirect: Redirect | undefined;
  /** Its expressions in JSON, to show it by. */
  readonly text: string;
}

/** What is in the table, as the kernel has it. */
export interface LoadedTable {
  /** `dormant` for one: the chains are not hooked in. */
  readonly hasFlags: boolean;
  readonly chains: readonly JsonObject[];
  /** In the order in which they are met. */
  readonly rules: readonly LoadedRule[];
  /** Kinds of everything else in it: `set`, `map`, `flowtable`. */
  readonly others: readonly string[];
}

/**
 * Narrows what `nft -j list table` prints. libnftables-json(5)
 * @throws PodroleError `NFT_LISTING` where it is not such a listing: nft 1.0.6 breaks off, with exit code 0, at a table's flags
 */
export function parseNftListing(printed: string): LoadedTable {
  const items = asArray(asObject(parseJson(printed))?.['nftables'])?.map(asObject);
  if (!items?.every((item) => item !== undefined)) throw notAListing('is not a list of objects');
  const entries = items.flatMap((item) => Object.entries(item));
  const table = entries.find(([kind]) => kind === 'table')?.[1];
  if (!asObject(table)) throw notAListing('holds no table');
  const ofKind = (wanted: string) =>
    entries.filter(([kind]) => kind === wanted).map(([, value]) => asObject(value) ?? {});
  return {
    hasFlags: asObject(table)?.['flags'] !== undefined,
    chains: ofKind('chain'),
    rules: ofKind('rule').map(parseRule),
    others: entries.map(([kind]) => kind).filter((kind) => !KNOWN_KINDS.has(kind)),
  };
}

const KNOWN_KINDS = new Set(['metainfo', 'table', 'chain', 'rule']);

function parseRule({ chain, expr }: JsonObject): LoadedRule {
  return { chain: asText(chain) ?? '', redirect: parseRedirect(expr), text: JSON.stringify(expr ?? null) };
}

/** Exactly: destination address, destination port, redirect. An expression more or less makes another rule of it. */
function parseRedirect(expr: unknown): Redirect | undefined {
  const [first, second, third, ...rest] = asArray(expr) ?? [];
  const destination = parseMatch(first);
  const port = parseMatch(second);
  const { port: toPort, ...options } = asObject(asObject(third)?.['redirect']) ?? {};
  if (rest.length > 0 || Object.keys(options).length > 0) return undefined;
  if (destination?.field !== 'daddr' || port?.protocol !== 'tcp' || port.field !== 'dport') return undefined;
  const { protocol, value: address } = destination;
  if ((protocol !== 'ip' && protocol !== 'ip6') || typeof address !== 'string') return undefined;
  if (typeof port.value !== 'number' || typeof toPort !== 'number') return undefined;
  return { protocol, address, port: port.value, toPort };
}

function parseMatch(expression: unknown) {
  const { op, left, right } = asObject(asObject(expression)?.['match']) ?? {};
  const { protocol, field } = asObject(asObject(left)?.['payload']) ?? {};
  return op === '==' ? { protocol, field, value: right } : undefined;
}

function parseJson(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch (thrown) {
    throw notAListing('is not JSON', thrown);
  }
}

function notAListing(problem: string, cause?: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'NFT_LISTING',
      object: `what nft -j list table ${REDIRECT_TABLE} prints`,
      problem,
      remedy: `look at nft list table ${REDIRECT_TABLE}; podrole redirect replaces the table`,
    },
    { cause },
  );
}
