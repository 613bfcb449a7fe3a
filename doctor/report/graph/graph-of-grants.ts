import { parseRoleArn } from '../../../lib/arn.ts';
import type { AuditedGrant } from '../../audit/model.ts';
import { type Ends, type Graph, graphOf } from './graph.ts';

/** A graph with more edges is drawn by namespace. */
const MAX_SINGLE_EDGES = 120;
/** Limits of the joined graph: its largest namespaces, and the edges to roles that are drawn one by one. */
const MAX_NAMESPACES = 80;
const MAX_SHARED_EDGES = 200;

/**
 * Joins the grants to a graph that people can read. A large graph has a node per namespace, a node per role
 * that several namespaces share, and one node for all roles of a namespace that nobody else has.
 */
export function graphOfGrants(grants: readonly AuditedGrant[]): Graph {
  const pairs = new Set(grants.map((grant) => `${serviceAccountKey(grant)} ${grant.roleArn}`));
  return pairs.size <= MAX_SINGLE_EDGES
    ? graphOf(grants, { isJoined: false, endsOf: singleEnds })
    : graphOf(grants, { isJoined: true, endsOf: joinedEnds(grants) });
}

function singleEnds(grant: AuditedGrant): Ends {
  const { cluster, namespace, serviceAccount } = grant;
  const name = `${namespace}/${serviceAccount}`;
  const key = serviceAccountKey(grant);
  return {
    from: { key, cluster, label: name, title: `ServiceAccount ${name}` },
    to: roleEnd(grant.roleArn),
  };
}

function serviceAccountKey({ cluster, namespace, serviceAccount }: AuditedGrant): string {
  return JSON.stringify([cluster, namespace, serviceAccount]);
}

function roleEnd(arn: string): Ends['to'] {
  return { key: arn, cluster: '', label: parseRoleArn(arn)?.name ?? arn, title: arn };
}

const OTHERS = 'others';

function joinedEnds(grants: readonly AuditedGrant[]): (grant: AuditedGrant) => Ends {
  const drawn = largestNamespaces(grants);
  const keyOf = (grant: AuditedGrant) => {
    const key = namespaceKey(grant);
    return drawn.has(key) ? key : OTHERS;
  };
  const namespacesOf = new Map<string, Set<string>>();
  for (const grant of grants) {
    const known = namespacesOf.get(grant.roleArn) ?? new Set();
    namespacesOf.set(grant.roleArn, known.add(keyOf(grant)));
  }
  const shared = mostShared(namespacesOf);
  const ownRoles = countOwn(namespacesOf);
  return (grant) => {
    const key = keyOf(grant);
    const from = key === OTHERS ? otherNamespaces : namespaceEnd(key, grant);
    if (shared.has(grant.roleArn)) return { from, to: roleEnd(grant.roleArn) };
    if ((namespacesOf.get(grant.roleArn)?.size ?? 0) > 1) return { from, to: otherRoles };
    const count = ownRoles.get(key) ?? 0;
    return { from, to: count === 1 ? roleEnd(grant.roleArn) : ownEnd(from, count) };
  };
}

const otherNamespaces = end(OTHERS, 'all other namespaces');
const otherRoles = end(OTHERS, 'all other shared roles');

function end(key: string, label: string, title = label): Ends['to'] {
  return { key, cluster: '', label, title };
}

function namespaceEnd(key: string, { cluster, namespace }: AuditedGrant): Ends['from'] {
  return { key, cluster, label: namespace, title: `namespace ${namespace}` };
}

function ownEnd({ key, label, title }: Ends['from'], count: number): Ends['to'] {
  return end(`own ${key}`, `${count} roles of ${label} only`, `${count} roles that nobody but ${title} has`);
}

/** Number of roles that a namespace shares with nobody. */
function countOwn(namespacesOf: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const namespaces of namespacesOf.values()) {
    const [only = ''] = namespaces;
    if (namespaces.size === 1) counts.set(only, (counts.get(only) ?? 0) + 1);
  }
  return counts;
}

function namespaceKey({ cluster, namespace }: AuditedGrant): string {
  return JSON.stringify([cluster, namespace]);
}

/** Keys of the namespaces with the most grants. */
function largestNamespaces(grants: readonly AuditedGrant[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const grant of grants) counts.set(namespaceKey(grant), (counts.get(namespaceKey(grant)) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return new Set(sorted.slice(0, MAX_NAMESPACES).map(([key]) => key));
}

/** Roles of several namespaces, those of the most namespaces first, up to the limit of edges. */
function mostShared(namespacesOf: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const shared = [...namespacesOf].filter(([, namespaces]) => namespaces.size > 1);
  shared.sort(([, one], [, other]) => other.size - one.size);
  let edges = 0;
  return new Set(
    shared
      .filter(([, { size }]) => {
        edges += size;
        return edges <= MAX_SHARED_EDGES;
      })
      .map(([arn]) => arn),
  );
}
