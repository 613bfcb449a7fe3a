import { SHADOWING_ENV } from '../../../lib/contract/sdk.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { type ContainerSources, credentialSources } from '../../workload/credential-sources.ts';
import { variableCommands } from '../remedies/template-commands.ts';
import { containersOf, describePod, describeServiceAccount } from './chain-parts.ts';
import { agentFault } from './source/agent-fault.ts';
import { agentRefusal } from './source/agent-refusal.ts';
import { sidecarFault } from './source/sidecar-fault.ts';

const { ok, broken, warning, unknown } = findingsOf('source');

/** Judges which credentials the SDKs of the containers really use. */
export const source: Link = {
  id: 'source',
  title: 'source of the credentials',
  needs: ['pod'],
  judge: (facts) => {
    const { pod, nodeAgents } = facts.cluster;
    if (pod.state === 'absent') return [ok(describeServiceAccount(facts), 'has no pod now')];
    if (pod.state !== 'read') return [unknown(`pod of ${describeServiceAccount(facts)}`, pod)];
    const judged = new Set(containersOf(facts, pod.value).own.map(({ name }) => name));
    const sources = credentialSources(pod.value, valueIn(nodeAgents) ?? []).filter(({ container }) =>
      judged.has(container),
    );
    return [judgeSources(facts, pod.value, sources)];
  },
};

function judgeSources(facts: ChainFacts, pod: PodFacts, sources: readonly ContainerSources[]): Finding {
  const details = sources.map(describe);
  const keys = sources.find(({ winner }) => winner?.kind === 'static keys');
  if (keys) return staticKeys(facts, pod, keys, details);
  const sidecar = sidecarFault(facts, pod) ?? agentFault(facts, pod, sources);
  if (sidecar) return broken(sidecar.code, { ...sidecar, details: [...(sidecar.details ?? []), ...details] });
  const refusal = agentRefusal(facts, pod);
  if (refusal) return warning('AGENT_REFUSED', { ...refusal, details });
  const profile = sources.find((each) => each.sources.some(({ kind }) => kind === 'profile'));
  if (profile) return profileSet(facts, pod, profile, details);
  const winners = [...new Set(sources.map(({ winner }) => winner?.kind ?? 'nothing'))];
  return ok(describePod(pod), `takes its credentials from ${winners.join(', ')}`, details);
}

/** `container app: 1 web identity (AWS_WEB_IDENTITY_TOKEN_FILE), 2 node role (169.254.169.254)` */
function describe({ container, sources, mayHaveMore }: ContainerSources): string {
  const list = sources.map(
    ({ kind, by, isCertain }, at) => `${at + 1} ${kind} (${by}${isCertain ? '' : ', maybe'})`,
  );
  const more = mayHaveMore ? '; envFrom may set further variables' : '';
  return `container ${container}: ${list.join(', ') || 'nothing'}${more}`;
}

const KEY_VARIABLES = [
  ...SHADOWING_ENV.accessKeys,
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
];

function staticKeys(
  facts: ChainFacts,
  pod: PodFacts,
  { container, winner }: ContainerSources,
  details: readonly string[],
): Finding {
  return broken('STATIC_KEYS', {
    object: describePod(pod),
    expected: 'takes its credentials from its role',
    found: `takes static keys in its container ${container}: ${winner?.by} is set`,
    remedy: {
      text: 'remove the keys from the template of the pod, and delete them in IAM if nobody else uses them',
      commands: variableCommands(facts, setIn(pod, KEY_VARIABLES)),
    },
    details,
  });
}

function profileSet(
  facts: ChainFacts,
  pod: PodFacts,
  { container, sources }: ContainerSources,
  details: readonly string[],
): Finding {
  const by = sources.find(({ kind }) => kind === 'profile')?.by;
  return warning('PROFILE_SET', {
    object: describePod(pod),
    expected: 'leaves the choice of the credentials to its role',
    found: `names a profile in its container ${container}: ${by}`,
    remedy: {
      text: 'remove it from the template of the pod, unless the profile itself uses web identity',
      commands: variableCommands(
        facts,
        setIn(pod, [...SHADOWING_ENV.profiles, SHADOWING_ENV.credentialsFile, 'AWS_CONFIG_FILE']),
      ),
    },
    details,
  });
}

/** Returns the changes that remove those of the variables that a container sets. */
function setIn({ containers }: PodFacts, names: readonly string[]): readonly string[] {
  const set = new Set(containers.flatMap(({ env }) => env.map(({ name }) => name)));
  return names.filter((name) => set.has(name)).map((name) => `${name}-`);
}
