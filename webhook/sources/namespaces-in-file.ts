import { throwIfAny } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import type { NamespaceSource } from '../../policy/namespace-facts.ts';
import { contradictoryNamespaces, readNamespaces } from '../../policy/read-namespaces.ts';

/** As in the ServiceAccounts of the same file. */
const MAX_ALIAS_COUNT = 100;

/**
 * Returns the Namespaces in a file of manifests that `parseServiceAccounts` has read.
 * @param origin name of the file in faults: `--service-accounts accounts.yaml`
 * @throws PodroleError `INVALID_MANIFEST` for each Namespace that cannot be read, or that is there again with
 * other rules
 */
export function namespacesInFile(text: string, origin: string): NamespaceSource {
  const read = parseYamlDocuments(text).flatMap((document, at) => {
    const root = asObject(document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }));
    return root ? [readNamespaces(root, `${origin}, document ${at + 1}`)] : [];
  });
  const found = read.flatMap((each) => each.found);
  throwIfAny([...read.flatMap(({ faults }) => faults), ...contradictoryNamespaces(found)]);
  const known = new Map(found.map(({ facts }) => [facts.name, facts]));
  return { find: async (name) => known.get(name) };
}
