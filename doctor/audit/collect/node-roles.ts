import { parseRoleArn } from '../../../lib/arn.ts';
import { asArray, asObject, asText } from '../../../lib/json/json.ts';
import { parseYamlDocuments } from '../../../lib/yaml/yaml-documents.ts';

/**
 * Returns the roles by which nodes join an EKS cluster, from `mapRoles` of the ConfigMap `aws-auth`; none if
 * it cannot be read. [eks] "Grant IAM users access to Kubernetes with a ConfigMap"
 */
export function nodeRolesIn(mapRoles: string): readonly string[] {
  const entries = asArray(parsed(mapRoles)) ?? [];
  const arns = entries.map(asObject).flatMap((entry) => {
    const arn = asText(entry?.['rolearn']) ?? '';
    const isNode = (asArray(entry?.['groups']) ?? []).includes('system:nodes');
    return isNode && parseRoleArn(arn) ? [arn] : [];
  });
  return [...new Set(arns)];
}

function parsed(text: string): unknown {
  const [document] = parseYamlDocuments(text);
  if (!document || document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}
