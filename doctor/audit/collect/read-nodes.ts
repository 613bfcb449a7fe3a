import { apiPath } from '../../../kubernetes/api-path.ts';
import { asObject, asText } from '../../../lib/json/json.ts';
import { getObject } from '../../collect/cluster/read/read-cluster.ts';
import type { NodeSummary } from '../facts/audit-facts.ts';
import { type AuditAccess, eachObject } from './bounded-list.ts';
import { nodeRolesIn } from './node-roles.ts';

const NODES = {
  root: '/api/v1',
  resource: 'nodes',
  isNamespaced: false,
  parts: { spec: { providerID: true } },
  missing: 'whether nodes are instances of EC2',
} as const;

/** Reads how many nodes there are, how many are in EC2, and the roles by which they join. */
export async function readNodes(access: AuditAccess): Promise<NodeSummary> {
  let [count, onEc2] = [0, 0];
  await eachObject(access, NODES, (node) => {
    count += 1;
    if (asText(asObject(node['spec'])?.['providerID'])?.startsWith('aws:')) onEc2 += 1;
  });
  if (onEc2 === 0) return { count, onEc2, roleArns: [] };
  const path = apiPath('/api/v1', 'namespaces', 'kube-system', 'configmaps', 'aws-auth');
  const needs = 'get on the ConfigMap aws-auth in the namespace kube-system';
  const mapRoles = await getObject(access, path, needs, (object) =>
    nodeRolesIn(asText(asObject(object['data'])?.['mapRoles']) ?? ''),
  );
  access.unread.note('ConfigMap aws-auth', mapRoles, 'the role of the nodes');
  return { count, onEc2, roleArns: mapRoles.state === 'read' ? mapRoles.value : [] };
}
