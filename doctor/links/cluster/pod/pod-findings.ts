import { ENV } from '../../../../lib/contract/sdk.ts';
import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { Finding } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { restart } from '../../remedies/remedies.ts';
import { patchCommands, variableCommands } from '../../remedies/template-commands.ts';
import { describePod } from '../chain-parts.ts';
import type { ContainerFault } from './container-fault.ts';

const { broken, warning } = findingsOf('pod');

/** Finding about a pod that the webhook did not change, with what is known about the reason. */
export function withoutRole(facts: ChainFacts, pod: PodFacts, found: string): Finding {
  const isOlder = isOlderThanAnnotation(facts, pod);
  return broken(isOlder ? 'POD_OLDER_THAN_ANNOTATION' : 'POD_MISSED_WEBHOOK', {
    object: describePod(pod),
    expected: `has ${facts.grant?.roleArn ?? 'what a new pod gets'}`,
    found,
    remedy: restart(facts),
    details: [times(facts, pod)],
  });
}

/** Finding about a pod that the old proxy still serves; undefined if there is none. */
export function byOldProxy(facts: ChainFacts, pod: PodFacts, key: string): Finding | undefined {
  const proxy = valueIn(facts.cluster.nodeAgents)?.find(({ kind }) => kind === 'kube2iam' || kind === 'kiam');
  if (!proxy || !pod.annotations[key] || pod.hostNetwork) return undefined;
  return warning('POD_BY_OLD_PROXY', {
    object: describePod(pod),
    expected: `has ${facts.grant?.roleArn} by a token of its own`,
    found: `has no token: ${proxy.kind} gives it its role`,
    remedy: restart(facts),
    details: [`DaemonSet ${proxy.namespace}/${proxy.name}`, times(facts, pod)],
  });
}

/** Finding about pods that a controller cannot create; undefined if nothing was refused. */
export function refusedPods(facts: ChainFacts): Finding | undefined {
  const said = valueIn(facts.cluster.refusals)?.at(-1);
  if (said === undefined) return undefined;
  const { kind, namespace, name } = facts.subject;
  return broken('PODS_REFUSED', {
    object: `${kind} ${namespace}/${name}`,
    expected: 'has a pod',
    found: `has none, and its controller was refused: ${said}`,
    remedy: {
      text: 'do what the refusal says; this shows all of them',
      commands: [`kubectl -n ${shellWord(namespace)} get events --field-selector reason=FailedCreate`],
    },
  });
}

function times({ cluster }: ChainFacts, { createdAt }: PodFacts): string {
  const own = valueIn(cluster.serviceAccount);
  const annotated = own?.annotatedAt === undefined ? '' : `; annotations last changed ${own.annotatedAt}`;
  return `pod created ${createdAt}${annotated}`;
}

/**
 * Kubernetes keeps whole seconds. In the same second, an annotation that came later than its ServiceAccount
 * is taken for the younger one.
 */
function isOlderThanAnnotation({ cluster }: ChainFacts, { createdAt }: PodFacts): boolean {
  const own = valueIn(cluster.serviceAccount);
  if (!own) return false;
  const annotatedAt = Date.parse(own.annotatedAt ?? own.createdAt);
  const created = Date.parse(createdAt);
  return created < annotatedAt || (created === annotatedAt && Date.parse(own.createdAt) < annotatedAt);
}

/** Finding about containers that have a role or a token, and not the right one. */
export function judgeFaults(facts: ChainFacts, pod: PodFacts, faults: readonly ContainerFault[]): Finding {
  const [{ code, container, problem }] = sorted(faults);
  const parts = {
    object: describePod(pod),
    expected: EXPECTED[code](facts),
    found: `its container ${container} ${problem}`,
    details: faults.map((fault) => `${fault.container} ${fault.problem}`),
  };
  // The annotation was changed, and the webhook wrote the value from before.
  const isStale = code === 'ROLE_DIFFERS' || code === 'AUDIENCE_DIFFERS';
  const isOlder = isStale && isOlderThanAnnotation(facts, pod);
  if (isOlder && isRoleUnusable(facts))
    return warning('POD_OLDER_THAN_ANNOTATION', { ...parts, remedy: LATER });
  if (isOlder) return broken('POD_OLDER_THAN_ANNOTATION', { ...parts, remedy: restart(facts) });
  return broken(code, { ...parts, remedy: { text: ADVICE[code], commands: commandsFor(code, facts) } });
}

/** A new pod would get a role that STS does not give: this one may still have a role that works. */
function isRoleUnusable({ aws: { role, exchange } }: ChainFacts): boolean {
  const isRefused = exchange.state === 'read' && exchange.value.outcome.kind === 'refused';
  return role.state === 'absent' || isRefused;
}

const LATER = {
  text: 'create the pod again when nothing is broken any more: until then it keeps the role from before',
  commands: [],
};

function commandsFor(code: Code, facts: ChainFacts): readonly string[] {
  if (code === 'AUDIENCE_DIFFERS') return restart(facts).commands;
  if (code === 'TOKEN_UNREADABLE')
    return patchCommands(facts, { spec: { securityContext: { fsGroup: ANY_GROUP } } });
  // Without them, the webhook adds both.
  return variableCommands(facts, [`${ENV.roleArn}-`, `${ENV.webIdentityTokenFile}-`]);
}

/** `nobody`, which owns no file. */
const ANY_GROUP = 65_534;

type Code = Exclude<ContainerFault['code'], 'no role'>;

const ORDER: readonly Code[] = [
  'ROLE_VARIABLE_ALONE',
  'ROLE_DIFFERS',
  'TOKEN_NOT_MOUNTED',
  'AUDIENCE_DIFFERS',
  'TOKEN_UNREADABLE',
];

function sorted(faults: readonly ContainerFault[]): readonly [ContainerFault & { readonly code: Code }] {
  for (const code of ORDER) {
    const fault = faults.find((each) => each.code === code);
    if (fault) return [{ ...fault, code }];
  }
  throw new Error('there is at least one fault');
}

const EXPECTED: Readonly<Record<Code, (facts: ChainFacts) => string>> = {
  ROLE_VARIABLE_ALONE: () => 'has both variables of web identity in each container',
  ROLE_DIFFERS: ({ grant }) => `has the role ${grant?.roleArn} in its containers`,
  TOKEN_NOT_MOUNTED: () => 'has a token where AWS_WEB_IDENTITY_TOKEN_FILE says',
  AUDIENCE_DIFFERS: ({ grant }) => `has a token for ${grant?.audience}`,
  TOKEN_UNREADABLE: () => 'has a token that the user of each container can read',
};

const ADVICE: Readonly<Record<Code, string>> = {
  ROLE_VARIABLE_ALONE: 'remove the variable from the template of the pod: the webhook adds both or neither',
  ROLE_DIFFERS: 'remove AWS_ROLE_ARN from the template of the pod, or correct the annotation',
  TOKEN_NOT_MOUNTED: 'correct the mount, or remove the variable, in the template of the pod',
  AUDIENCE_DIFFERS: 'correct the audience of the volume in the template of the pod, or create the pod again',
  TOKEN_UNREADABLE: 'set spec.securityContext.fsGroup in the template of the pod, to any group',
};
