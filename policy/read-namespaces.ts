import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../lib/errors.ts';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import { metadataOf, objectsIn } from '../lib/kubernetes-objects.ts';
import { type NamespaceFacts, toNamespaceFacts } from './namespace-facts.ts';

/** A Namespace of a file, and its place there: `web.yaml, document 2`. */
export interface FoundNamespace {
  readonly facts: NamespaceFacts;
  readonly origin: string;
}

/**
 * Returns the Namespaces in an object, which is one itself or a List, and a fault for each that cannot be
 * read.
 * @param origin name of the object in faults
 * @throws PodroleError `INVALID_MANIFEST` if a List is too long
 */
export function readNamespaces(
  root: JsonObject,
  origin: string,
): { readonly found: readonly FoundNamespace[]; readonly faults: readonly Fault[] } {
  const found: FoundNamespace[] = [];
  const faults: Fault[] = [];
  for (const { object, type } of objectsIn(root, origin)) {
    // A file of ServiceAccounts may leave it out. Other groups have kinds of this name, too.
    if (type.kind !== 'Namespace' || (type.apiVersion ?? 'v1') !== 'v1') continue;
    const facts = toNamespaceFacts(object);
    const given = asObject(metadataOf(object)?.['annotations']) ?? {};
    if (!facts) {
      faults.push(invalid(origin, 'contains a Namespace without metadata.name', 'add its name'));
    } else if (Object.keys(facts.annotations).some((key) => typeof given[key] !== 'string')) {
      const about = `Namespace ${facts.name} in ${origin}`;
      faults.push(invalid(about, 'has annotations that are not strings', 'quote the values'));
    } else found.push({ facts, origin });
  }
  return { found, faults };
}

/**
 * Returns a fault for each Namespace that is there again with other rules: it is unclear which of the two
 * hold. The same rules twice are fine.
 */
export function contradictoryNamespaces(found: readonly FoundNamespace[]): readonly Fault[] {
  const first = new Map<string, FoundNamespace>();
  return found.flatMap((each) => {
    const earlier = first.get(each.facts.name);
    if (!earlier) first.set(each.facts.name, each);
    if (!earlier || isDeepStrictEqual(earlier.facts.annotations, each.facts.annotations)) return [];
    const about = `Namespace ${each.facts.name} in ${each.origin}`;
    return [invalid(about, `has other rules for roles than in ${earlier.origin}`, 'remove one of the two')];
  });
}

function invalid(object: string, problem: string, remedy: string): Fault {
  return { code: 'INVALID_MANIFEST', object, problem, remedy };
}
