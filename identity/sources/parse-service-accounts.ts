import type { Document } from 'yaml';
import { collectFaults, type Fault, messageOf, throwIfAny } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf, objectsIn } from '../../lib/kubernetes-objects.ts';
import { type PlaceInText, placesIn } from '../../lib/text/place-in-text.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../../lib/yaml/yaml-fault.ts';
import { type ServiceAccountFacts, toServiceAccountFacts } from '../service-accounts.ts';
import { contradictions, type FoundServiceAccount } from './contradictions.ts';

/**
 * Parses the ServiceAccounts in YAML or JSON, in one or more documents, each an object or a List. Ignores
 * objects of other kinds, so a file of whole manifests is fine.
 * @param origin name of the source in faults: `--service-accounts accounts.yaml`
 * @throws PodroleError `INVALID_MANIFEST` with a fault for each document or ServiceAccount that cannot be
 * read, `CONTRADICTORY_SERVICE_ACCOUNTS` with one for each that is there again with another content
 */
export function parseServiceAccounts(
  text: string,
  origin: string,
  annotationPrefix: string,
): ServiceAccountFacts[] {
  const faults: Fault[] = [];
  const found: FoundServiceAccount[] = [];
  const documents = parseYamlDocuments(text);
  const placeOf = placesIn(text);
  for (const [at, document] of documents.entries()) {
    const object = `${origin}, document ${at + 1}`;
    const { root, fault } = readRoot(document, object, placeOf);
    if (fault) faults.push(fault);
    if (!root) continue;
    const read = readServiceAccounts(root, object, annotationPrefix);
    // A list can be too long for the arguments of one call.
    for (const each of read.found) found.push(each);
    for (const each of read.faults) faults.push(each);
  }
  throwIfAny([...faults, ...contradictions(found)]);
  return found.map(({ facts }) => facts);
}

/**
 * Limit for the nodes that the aliases of a document stand for: a short file could otherwise grow without
 * bound.
 */
const MAX_ALIAS_COUNT = 100;

/** Returns the object in a document, or a fault; neither if the document is empty. */
function readRoot(
  document: Document.Parsed,
  object: string,
  placeOf: (offset: number) => PlaceInText,
): { readonly root?: JsonObject; readonly fault?: Fault } {
  const [error] = document.errors;
  if (error) {
    const { problem, remedy } = yamlFault(error, placeOf);
    return { fault: invalid(object, problem, remedy) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (thrown) {
    return { fault: invalid(object, messageOf(thrown), 'fix its anchors and aliases') };
  }
  if (value === null) return {};
  const root = asObject(value);
  if (root) return { root };
  return { fault: invalid(object, 'is not an object', 'put a ServiceAccount or a List there') };
}

/**
 * Returns the ServiceAccounts in an object, which is one itself or a List, and a fault for each that cannot
 * be read.
 * @param object its name in faults: `web.yaml, document 2`
 * @param defaultNamespace of those without a namespace
 */
export function readServiceAccounts(
  root: JsonObject,
  object: string,
  annotationPrefix: string,
  defaultNamespace = 'default',
): { readonly found: readonly FoundServiceAccount[]; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const found: FoundServiceAccount[] = [];
  for (const { object: item, type, path } of collectFaults(faults, () => [...objectsIn(root, object)]) ??
    []) {
    if (type.kind !== 'ServiceAccount') continue;
    const facts = toServiceAccountFacts(item, annotationPrefix, defaultNamespace);
    const annotations = metadataOf(item)?.['annotations'] ?? {};
    if (!facts) {
      faults.push(invalid(object, 'contains a ServiceAccount without metadata.name', 'add its name'));
    } else if (
      !Object.values(asObject(annotations) ?? { none: 0 }).every((one) => asText(one) !== undefined)
    ) {
      const about = `ServiceAccount ${facts.namespace}/${facts.name} in ${object}`;
      faults.push(
        invalid(about, 'has annotations that are not strings', 'quote the values: "86400", "true"'),
      );
    } else found.push({ facts, origin: placeOf(object, path) });
  }
  return { found, faults };
}

/** Returns the name of an object in a document: `web.yaml, document 2, items[0]`. */
function placeOf(document: string, path: readonly (string | number)[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return steps === '' ? document : `${document}, ${steps.slice(1)}`;
}

function invalid(object: string, problem: string, remedy: string): Fault {
  return { code: 'INVALID_MANIFEST', object, problem, remedy };
}
