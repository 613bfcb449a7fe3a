import { PodroleError } from '../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import type { Redirect } from './rules.ts';

/** A rule of the table. */
export interface LoadedRule {
  readonly chain: string;
  /** Connections that it redirects; undefined if it is another kind of rule. */
  readonly redirect: Redirect | undefined;
  readonly expr: unknown;
  /** Its expressions as JSON, for messages. */
  readonly text: string;
}

/** Content of the table, as the kernel has it. */
export interface LoadedTable {
  /** True if the table has flags, such as `dormant`: its chains may not be hooked in. */
  readonly hasFlags: boolean;
  readonly chains: readonly JsonObject[];
  /** In the order in which the kernel evaluates them. */
  readonly rules: readonly LoadedRule[];
  /** Kinds of other objects in it: `set`, `map`, `flowtable`. */
  readonly others: readonly string[];
}

/**
 * Parses the output of `nft -j list table`. libnftables-json(5)
 * @param name family and name of the table
 * @throws PodroleError `NFT_LISTING` if it is not such a listing: nft 1.0.6 stops at the flags of a table,
 *   with exit code 0
 */
export function parseNftListing(printed: string, name: string): LoadedTable {
  const notAListing = (problem: string, cause?: unknown) => listingFault(name, problem, cause);
  const items = asArray(asObject(parseJson(printed, notAListing))?.['nftables'])?.map(asObject);
  if (!items?.every((item) => item !== undefined)) throw notAListing('is not a list of objects');
  const entries = items.flatMap((item) => Object.entries(item));
  const table = entries.find(([kind]) => kind === 'table')?.[1];
  if (!asObject(table)) throw notAListing('does not contain a table');
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
  const text = JSON.stringify(expr ?? null);
  return { chain: asText(chain) ?? '', redirect: parseRedirect(expr), expr, text };
}

/**
 * Accepts exactly destination address, destination port and redirect. With any other expression it is another
 * rule.
 */
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

function parseJson(printed: string, notAListing: (problem: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(printed);
  } catch (thrown) {
    throw notAListing('is not JSON', thrown);
  }
}

function listingFault(name: string, problem: string, cause: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'NFT_LISTING',
      object: `output of nft -j list table ${name}`,
      problem,
      remedy: `run nft list table ${name} to see the table; podrole redirect replaces it`,
    },
    { cause },
  );
}
