import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import type { ExportInput } from '../export-input.ts';
import { serviceAccountManifests } from '../service-account-manifest.ts';
import { HclExpression, hclBlock } from './hcl.ts';
import { identifierOf } from './identifier.ts';
import { importBlock } from './import-block.ts';
import { type ArnReferences, annotationsWithReferences } from './references.ts';

const ACCOUNT = 'kubernetes_service_account_v1';
const NAMESPACE = 'kubernetes_namespace_v1';

/** Renders the namespaces that are known to be missing. A namespace that exists stays with its owner. */
export function namespaceBlocks({ existing }: ExportInput): readonly string[] {
  return [...(existing?.missingNamespaces ?? [])].map((name) =>
    hclBlock('resource', [NAMESPACE, identifierOf(name)], {}, [hclBlock('metadata', [], { name })]),
  );
}

/** Renders the ServiceAccounts of bindings. */
export function accountBlocks(
  { bindings, existing }: ExportInput,
  nameOf: (id: string) => string,
  roleArns: ArnReferences,
): readonly string[] {
  return serviceAccountManifests(bindings, existing).flatMap(({ metadata }) => {
    const { namespace, name, labels, annotations } = metadata;
    const id = `${namespace}/${name}`;
    const isNew = existing?.missingNamespaces.has(namespace);
    const described = hclBlock('metadata', [], {
      namespace: isNew
        ? new HclExpression(`${NAMESPACE}.${identifierOf(namespace)}.metadata[0].name`)
        : namespace,
      name,
      labels,
      annotations: annotationsWithReferences(annotations, roleArns),
    });
    const found = existing?.serviceAccounts.get(id);
    const kept = found ? keptMembers(found) : { members: {}, blocks: [] };
    const block = hclBlock('resource', [ACCOUNT, nameOf(id)], kept.members, [described, ...kept.blocks]);
    return found ? [importBlock(ACCOUNT, nameOf(id), id), block] : [block];
  });
}

/** Returns what a ServiceAccount has beside its metadata: the resource would remove it otherwise. */
function keptMembers(object: JsonObject) {
  const references = (list: string, type: string) =>
    (asArray(object[list]) ?? []).flatMap((item) => {
      const name = asText(asObject(item)?.['name']);
      return name === undefined ? [] : [hclBlock(type, [], { name })];
    });
  const mounts = object['automountServiceAccountToken'];
  return {
    members: { automount_service_account_token: typeof mounts === 'boolean' ? mounts : undefined },
    blocks: [...references('secrets', 'secret'), ...references('imagePullSecrets', 'image_pull_secret')],
  };
}
