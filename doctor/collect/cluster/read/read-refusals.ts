import { eventsPath } from '../../../../kubernetes/core-paths.ts';
import { asObject, asText } from '../../../../lib/json/json.ts';
import type { Subject } from '../../../../lib/operands/subjects.ts';
import { nameOf } from '../../../../pods/pod-parts.ts';
import type { ClusterFacts } from '../../../facts/cluster-facts.ts';
import { type ClusterAccess, foldList } from './read-cluster.ts';

/** Kubernetes keeps events for an hour, and joins those of one object. */
const MOST_EVENTS = 2_000;
const MOST_KEPT = 5;
const MESSAGE_MAX_LENGTH = 1_000;

/** Kinds that create the pods of a workload, by its kind. */
const CREATORS: Partial<Readonly<Record<Subject['kind'], string>>> = {
  deployment: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  job: 'Job',
  cronjob: 'Job',
};

/**
 * Reads why a workload has no pods: its controller could not create one. A refusal by admission is seen
 * nowhere else.
 * @returns undefined for a subject that no controller creates pods for
 */
export async function readRefusals(
  access: ClusterAccess,
  { kind, namespace, name }: Subject,
): Promise<ClusterFacts['refusals']> {
  const creator = CREATORS[kind];
  if (creator === undefined) return undefined;
  const isOwn = (creatorName: string) =>
    creatorName === name || (/^(?:deployment|cronjob)$/.test(kind) && isChild(creatorName, name));
  return foldList<readonly string[]>(
    access,
    {
      path: eventsPath(namespace),
      needs: `list on events in the namespace ${namespace}`,
      parameters: { fieldSelector: `involvedObject.kind=${creator},reason=FailedCreate` },
      mostObjects: MOST_EVENTS,
    },
    [],
    (found, event) => {
      if (!isOwn(nameOf(asObject(event['involvedObject'])) ?? '')) return found;
      const message = (asText(event['message']) ?? '').slice(0, MESSAGE_MAX_LENGTH);
      return [...found.filter((each) => each !== message), structuredClone(message)].slice(-MOST_KEPT);
    },
  );
}

/** A ReplicaSet has the name of its Deployment and a hash, a Job that of its CronJob and a time. */
function isChild(creator: string, name: string): boolean {
  return creator.startsWith(`${name}-`) && /^[a-z0-9]+$/.test(creator.slice(name.length + 1));
}
