import { readFileSync } from 'node:fs';
import type { ObjectId } from '../../kubernetes/object-path.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';

/** The text of manifests/install.yaml. build.ts puts it into the bundle. */
declare const PODROLE_INSTALL_MANIFEST: string | undefined;

/** Returns the objects of manifests/install.yaml, in the order in which they are applied. */
export function installManifest(): readonly JsonObject[] {
  const text =
    typeof PODROLE_INSTALL_MANIFEST === 'string'
      ? PODROLE_INSTALL_MANIFEST
      : readFileSync(new URL('../../manifests/install.yaml', import.meta.url), 'utf8');
  return parseYamlDocuments(text).flatMap((document) => {
    const object = asObject(document.toJS());
    return object ? [object] : [];
  });
}

export function idOf(object: JsonObject): ObjectId {
  const metadata = metadataOf(object);
  return {
    apiVersion: asText(object['apiVersion']) ?? '',
    kind: asText(object['kind']) ?? '',
    namespace: asText(metadata?.['namespace']),
    name: asText(metadata?.['name']) ?? '',
  };
}

/** Name of an object for a person: `Deployment podrole/podrole-webhook`. */
export function describeId({ kind, namespace, name }: ObjectId): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
