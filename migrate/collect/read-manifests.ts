import type { Readable } from 'node:stream';
import type { Document } from 'yaml';
import { type Fault, messageOf, throwIfAny } from '../../lib/errors.ts';
import { MAX_FILE_BYTES } from '../../lib/files/read-file.ts';
import { type NamedText, readFiles } from '../../lib/files/read-files.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf, objectsIn } from '../../lib/kubernetes-objects.ts';
import { DEFAULT_NAMESPACE } from '../../lib/operands/service-accounts.ts';
import { placesIn } from '../../lib/text/place-in-text.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../../lib/yaml/yaml-fault.ts';
import type { MigrateSettings } from '../settings.ts';

/** More uses of an alias than this count as an attack ("billion laughs"). */
const ALIASES_MAX = 1_000;

/**
 * Reads manifests: the objects in them, each with its kind and its namespace.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_MANIFEST` with a fault for each error
 */
export async function readManifests(
  { filename, recursive, namespace = DEFAULT_NAMESPACE }: MigrateSettings,
  stdin: Readable,
): Promise<readonly JsonObject[]> {
  const { files, faults } = await readFiles(filename, stdin, {
    recursive,
    maxBytes: MAX_FILE_BYTES.manifests,
    byteOrderMark: 'drop',
    content: 'manifests',
  });
  throwIfAny(faults);
  const broken: Fault[] = [];
  const objects = files.flatMap((file) => objectsOfFile(file, broken));
  throwIfAny(broken);
  return objects.map((object) => withNamespace(object, namespace));
}

function objectsOfFile({ name, text }: NamedText, faults: Fault[]): readonly JsonObject[] {
  const json = text.startsWith('{') ? asObject(jsonOf(text)) : undefined;
  if (json) return itemsOf(json, name);
  const placeOf = placesIn(text);
  const documents = parseYamlDocuments(text, { merge: true, logLevel: 'silent' });
  return documents.flatMap((document, at) => {
    const origin = documents.length > 1 ? `${name}, document ${at + 1}` : name;
    const [error] = document.errors;
    if (error) {
      faults.push({ code: 'INVALID_MANIFEST', object: origin, ...yamlFault(error, placeOf) });
      return [];
    }
    const root = asObject(plainData(document, origin, faults));
    return root ? itemsOf(root, origin) : [];
  });
}

/** The kind of an item may stand only in its list. */
function itemsOf(root: JsonObject, origin: string): readonly JsonObject[] {
  return [...objectsIn(root, origin)].map(({ object, type }) => ({ ...object, ...type }));
}

/** Parses the output of `kubectl get -o json`: with 10,000 pods, a parser of YAML needs minutes for it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plainData(document: Document.Parsed, object: string, faults: Fault[]): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (thrown) {
    const remedy = 'fix its anchors and aliases';
    faults.push({ code: 'INVALID_MANIFEST', object, problem: messageOf(thrown), remedy });
    return undefined;
  }
}

function withNamespace(object: JsonObject, namespace: string): JsonObject {
  const metadata = metadataOf(object);
  return asText(metadata?.['namespace']) ? object : { ...object, metadata: { ...metadata, namespace } };
}
