import type { ApiClient } from '../../kubernetes/api-client.ts';
import { describeAnswer } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { podsPath } from '../../kubernetes/core-paths.ts';
import type { RunInContainer } from '../../kubernetes/exec/run-in-container.ts';
import { INJECTED_CONTAINER } from '../../lib/contract/podrole.ts';
import { messagesOf } from '../../lib/errors.ts';
import { inLanes } from '../../lib/in-lanes.ts';
import { asObject, objectsOf } from '../../lib/json/json.ts';
import type { Progress } from '../../lib/surroundings.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import { nameOf } from '../../pods/pod-parts.ts';
import type { MigratedWorkload } from '../model.ts';
import { judgeProbe, type ProbedContainer, type ProbedWorkload } from './judge-probe.ts';
import { parseProbe } from './parse-probe.ts';
import { PROBE_LIMITS, PROBE_SCRIPT } from './probe-script.ts';

/** A workload to look into: one of its pods stands for all. */
export type ProbeTarget = Pick<MigratedWorkload, 'namespace' | 'kind' | 'name' | 'pods'>;

export interface ProbeAccess {
  readonly client: Pick<ApiClient, 'get'>;
  readonly run: RunInContainer;
  readonly signal: AbortSignal;
  readonly progress: Pick<Progress, 'show'>;
}

/** Pods that are looked into at a time. */
const LANES = 4;
/** More containers of a pod are not looked into. */
const MAX_CONTAINERS = 20;

/**
 * Looks into one pod of each workload for AWS SDKs, one container after another. What cannot be looked into
 * becomes a note, and the workload `unknown`.
 */
export async function probeWorkloads(
  targets: readonly ProbeTarget[],
  access: ProbeAccess,
): Promise<readonly ProbedWorkload[]> {
  let done = 0;
  return await inLanes(targets, LANES, async (target) => {
    access.progress.show('looking for SDKs in pods', done, targets.length);
    const probed = await probePod(target, access);
    done += 1;
    return judgeProbe(target, probed);
  });
}

async function probePod(
  { namespace, pods: [pod] }: ProbeTarget,
  access: ProbeAccess,
): Promise<readonly ProbedContainer[] | string> {
  if (pod === undefined) return 'no pod of it runs';
  try {
    const { client, signal } = access;
    const answer = await client.get(podsPath(namespace, pod), { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
    if (answer.status !== 200) return describeAnswer(answer);
    const running = runningContainers(answer.body);
    const probed: ProbedContainer[] = [];
    for (const container of running.slice(0, MAX_CONTAINERS))
      probed.push(await probeContainer({ namespace, pod, container }, access));
    if (running.length > MAX_CONTAINERS)
      probed.push({ container: 'the others', sdks: [], gap: 'the pod has too many containers' });
    return probed;
  } catch (thrown) {
    if (access.signal.aborted) throw thrown;
    return redactSecrets(messagesOf(thrown));
  }
}

function runningContainers(pod: unknown): readonly string[] {
  const status = asObject(asObject(pod)?.['status']);
  const own: ReadonlySet<string | undefined> = new Set(Object.values(INJECTED_CONTAINER));
  return ['containerStatuses', 'initContainerStatuses']
    .flatMap((list) => objectsOf(status?.[list]))
    .filter((each) => asObject(asObject(each['state'])?.['running']) !== undefined)
    .map(nameOf)
    .filter((name) => name !== undefined && !own.has(name))
    .filter((name) => name !== undefined);
}

async function probeContainer(
  place: { readonly namespace: string; readonly pod: string; readonly container: string },
  { run, signal }: ProbeAccess,
): Promise<ProbedContainer> {
  const command = ['sh', '-c', PROBE_SCRIPT, 'podrole-probe', ''];
  const { container } = place;
  const { stdout, failed } = await run({ ...place, command, ...PROBE_LIMITS }, signal);
  const { sdks, gap } = parseProbe(stdout);
  return { container, sdks, gap: failed ?? gap };
}
