import {
  isNamespaceName,
  isObjectName,
  NAMESPACE_RULE,
  OBJECT_NAME_RULE,
} from '../../lib/kubernetes-names.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import { valueIn } from '../facts/value-in.ts';

/**
 * Returns what no cluster would have told; undefined for facts as podrole collects them. Names from a file
 * end up in commands that its reader pastes: a pod named `--all` would make one delete all of them.
 */
export function problemOfFacts(facts: ChainFacts): string | undefined {
  if (Number.isNaN(Date.parse(facts.collectedAt))) return 'facts.collectedAt must be a time';
  const namespaces = named(facts).map(({ namespace }) => namespace);
  if (!namespaces.every(isNamespaceName)) return `a namespace in it must have ${NAMESPACE_RULE}`;
  const names = [
    ...named(facts).map(({ name }) => name),
    facts.serviceAccountName,
    ...(facts.container === undefined ? [] : [facts.container]),
    ...ownerOf(facts),
  ];
  return names.every(isObjectName) ? undefined : `the name of an object in it must have ${OBJECT_NAME_RULE}`;
}

/** Objects whose names are in commands. */
function named({ subject, cluster }: ChainFacts): readonly { namespace: string; name: string }[] {
  const pod = valueIn(cluster.pod);
  const services = (valueIn(cluster.webhooks) ?? []).flatMap(({ service }) => service ?? []);
  return [subject, ...(pod ? [pod] : []), ...services, ...(valueIn(cluster.nodeAgents) ?? [])];
}

function ownerOf({ cluster }: ChainFacts): readonly string[] {
  const owner = valueIn(cluster.pod)?.owner;
  return owner === undefined ? [] : [owner.slice(owner.indexOf('/') + 1)];
}
