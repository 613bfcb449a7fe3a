import { TOPOLOGY_LABEL } from '../../../../lib/contract/kubernetes.ts';
import { INJECTED_CONTAINER } from '../../../../lib/contract/podrole.ts';
import { ENV } from '../../../../lib/contract/sdk.ts';
import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { ContainerFacts, PodFacts } from '../../../facts/pod-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { isSet } from '../../../workload/variables.ts';
import { variableCommands } from '../../remedies/template-commands.ts';
import { describePod } from '../chain-parts.ts';
import type { CodedTrouble } from '../webhook/webhook-selection.ts';

/** Returns what keeps the sidecar of a pod from serving credentials. */
export function sidecarFault(facts: ChainFacts, pod: PodFacts): CodedTrouble | undefined {
  const sidecar = pod.containers.find(({ name }) => name === INJECTED_CONTAINER.sidecar);
  if (!sidecar || sidecar.ready) return undefined;
  const hasFailed = sidecar.trouble !== undefined || (sidecar.restarts ?? 0) > 0;
  if (!hasRegion(pod, sidecar) && (pod.node !== undefined || hasFailed)) return noRegion(facts, pod);
  return hasFailed ? notReady(pod, sidecar) : undefined;
}

/** The label comes with the node, from Kubernetes 1.35 on. */
function hasRegion({ labels }: PodFacts, sidecar: ContainerFacts): boolean {
  const variables = [ENV.region, ENV.defaultRegion, 'PODROLE_REGION'];
  const hasLabel = isSet(sidecar, ENV.topologyRegion) && Boolean(labels[TOPOLOGY_LABEL.region]);
  return (
    hasLabel ||
    sidecar.hasRegionArgument ||
    sidecar.hasEnvFrom ||
    variables.some((name) => isSet(sidecar, name))
  );
}

function noRegion(facts: ChainFacts, pod: PodFacts): CodedTrouble {
  const region = valueIn(facts.aws.exchange)?.region;
  return {
    code: 'SIDECAR_NO_REGION',
    object: `sidecar of ${describePod(pod)}`,
    expected: 'knows its region',
    found: 'has neither a variable nor a label that names one',
    remedy: {
      text: 'set AWS_REGION in the template of the pod, or for all pods: podrole up --aws-region REGION --approve',
      commands: region ? variableCommands(facts, [`${ENV.region}=${region}`]) : [],
    },
  };
}

function notReady(pod: PodFacts, { name, trouble, restarts = 0 }: ContainerFacts): CodedTrouble {
  const times = restarts > 0 ? `, ${restarts} restart${restarts > 1 ? 's' : ''}` : '';
  const [namespace, podWord] = [shellWord(pod.namespace), shellWord(pod.name)];
  return {
    code: 'SIDECAR_NOT_READY',
    object: `sidecar of ${describePod(pod)}`,
    expected: 'is ready',
    found: `is not${times}${trouble === undefined ? '' : `: ${trouble}`}`,
    remedy: {
      text: 'read its log: its last error has a code and a remedy',
      commands: [`kubectl -n ${namespace} logs ${podWord} -c ${name} --tail 20`],
    },
  };
}
