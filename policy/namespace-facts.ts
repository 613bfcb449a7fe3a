import { NAMESPACE_RULE_ANNOTATION } from '../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asObject, asText } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { RULE_MAX_LENGTH } from './rule-limits.ts';

/** Everything that is kept of a Namespace: what decides which roles its pods may use. */
export interface NamespaceFacts {
  readonly name: string;
  /** Only the annotations of NAMESPACE_RULE_ANNOTATION and `podrole.dev/allowed-roles`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Opaque version of the object in the API server; absent if it comes from a file. */
  readonly resourceVersion?: string;
}

/** A source of Namespaces: the API server, or manifests. */
export interface NamespaceSource {
  /**
   * Returns the Namespace, or undefined if it is certain that it does not exist.
   * @throws PodroleError if that is unknown: "unknown" must never be taken for "has no rule"
   */
  find(name: string): Promise<NamespaceFacts | undefined>;
}

const KNOWN = [...Object.values(NAMESPACE_RULE_ANNOTATION), PODROLE_ANNOTATION.allowedRoles] as const;

/**
 * Returns what is kept of a Namespace; undefined for an object without a name. A rule that is too long is cut
 * one character beyond its limit: it stays present, and is refused as too long. So a Namespace takes at most
 * 400 KB of memory, whatever its annotations are.
 */
export function toNamespaceFacts(raw: unknown): NamespaceFacts | undefined {
  const metadata = metadataOf(raw);
  const name = asText(metadata?.['name']);
  if (!name) return undefined;
  const given = asObject(metadata?.['annotations']) ?? {};
  const annotations = KNOWN.flatMap((key) => {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    // A value of another type cannot be a rule that allows something: empty, it allows nothing.
    return value === undefined ? [] : [[key, (asText(value) ?? '').slice(0, RULE_MAX_LENGTH + 1)] as const];
  });
  const resourceVersion = asText(metadata?.['resourceVersion']);
  return {
    name,
    annotations: Object.fromEntries(annotations),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
