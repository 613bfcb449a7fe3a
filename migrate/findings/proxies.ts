import { NAMESPACE_RULE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { counted } from '../../lib/text/counted.ts';
import type { ProxyFacts } from '../facts/migration-facts.ts';
import type { WorkloadFacts } from '../facts/workload-facts.ts';
import { agreedFlag } from '../join/agreed-flag.ts';
import type { MigrationFinding } from '../model.ts';
import type { FindingInput } from './finding-input.ts';
import { findingsAbout, someOf } from './make-finding.ts';

/** Longest session without a finding: what SDKs ask for. */
const USUAL_SESSION_SECONDS = 3_600;

/** Finds what goes with the proxy itself. */
export function findInProxies(input: FindingInput): readonly MigrationFinding[] {
  const { proxies = [] } = input.facts;
  return [
    ...severalNamespaces(proxies),
    ...guessedRole(input),
    ...proxies.flatMap((proxy) => [
      ...defaultRole(proxy, input),
      ...ownRuleKey(proxy),
      ...longSessions(proxy),
      ...(proxy.part === 'agent' ? [openMetadata(proxy), startRace(proxy, input)].flat() : []),
    ]),
  ];
}

/** Whoever may create a DaemonSet can give it the name, the image and any flags of the proxy. */
function severalNamespaces(proxies: readonly ProxyFacts[]): readonly MigrationFinding[] {
  const namespaces = [...new Set(proxies.map(({ namespace }) => namespace))].sort();
  if (namespaces.length < 2) return [];
  return [
    findingsAbout(`Namespaces ${someOf(namespaces)}`).decide({
      text: 'each run something that looks like the proxy; a flag on which they differ is not used',
      remedy:
        'find out which one the nodes use, and give its flags: --base-role-arn, --pod-role-annotation, --namespace-restriction-format, --proxy-role-arn',
    }),
  ];
}

function about({ kind, namespace, name }: ProxyFacts) {
  return findingsAbout(`${kind} ${namespace}/${name}`);
}

/** Without a flag, it is the role that most of the trust policies name. Pods choose which roles count. */
function guessedRole({ facts, proxyRoleArn }: FindingInput): readonly MigrationFinding[] {
  const { settings, proxies = [] } = facts;
  const isTold = settings.proxyRoleArn ?? agreedFlag(proxies, ({ assumesFirst }) => assumesFirst);
  if (proxyRoleArn === undefined || isTold !== undefined) return [];
  return [
    findingsAbout(`Role ${proxyRoleArn}`).decide({
      text: 'is taken for the role of the proxy, because most of the trust policies name it',
      remedy:
        'check it, and give it as --proxy-role-arn: the last step takes it out of the trust policies and denies it sts:AssumeRole',
    }),
  ];
}

/** Pods that name no role get the default role of kube2iam. podrole never has one. */
function defaultRole({ defaultRole: role }: ProxyFacts, { facts, named }: FindingInput) {
  if (role === undefined) return [];
  const withRole = new Set(named.map(({ workload }) => workload));
  const without = facts.workloads.filter((each) => !withRole.has(each) && !usesHostNetwork(each));
  const shown = role === 'discovered' ? 'the role of its node' : `the role ${role}`;
  return [...Map.groupBy(without, ({ namespace }) => namespace)].map(([namespace, workloads]) =>
    findingsAbout(`Namespace ${namespace}`).breaks({
      text: `has ${counted(workloads.length, 'workload')} without an annotation, which can get ${shown} from the proxy, and get none from podrole: ${someOf(workloads.map(({ kind, name }) => `${kind} ${name}`))}`,
      remedy: 'annotate those that call AWS with a role of their own; podrole has no default role',
    }),
  );
}

function usesHostNetwork({ template, pods }: WorkloadFacts): boolean {
  return (template ?? pods[0])?.hostNetwork ?? false;
}

function ownRuleKey(proxy: ProxyFacts): readonly MigrationFinding[] {
  const { namespaceKey, isRestricted } = proxy;
  const usual = NAMESPACE_RULE_ANNOTATION.allowedRoles;
  if (!isRestricted || namespaceKey === undefined || namespaceKey === usual) return [];
  return [
    about(proxy).breaks({
      text: `reads the rules of Namespaces from ${namespaceKey}, and podrole from ${usual}`,
      remedy: 'copy the annotation of each Namespace to that name',
    }),
  ];
}

function longSessions(proxy: ProxyFacts): readonly MigrationFinding[] {
  const { sessionSeconds = 0 } = proxy;
  if (sessionSeconds <= USUAL_SESSION_SECONDS) return [];
  return [
    about(proxy).note({
      text: `asks for sessions of ${sessionSeconds} seconds; SDKs ask for ${USUAL_SESSION_SECONDS}, and renew them`,
      remedy: 'nothing is to do, unless a program keeps credentials of its own for longer',
    }),
  ];
}

function openMetadata(proxy: ProxyFacts): MigrationFinding {
  const rule = proxy.addsNodeRule
    ? 'its rule on the nodes may outlast it, and then leads the metadata address to nowhere'
    : 'somebody else made the rule on the nodes that leads the metadata address to it';
  return about(proxy).decide({
    text: `is what keeps pods from the instance metadata of their node, and so from the role of the node; ${rule}`,
    remedy:
      'before you remove it, set the hop limit of the instances to 1, or block 169.254.169.254 by a NetworkPolicy; podrole audit --probe-metadata tries it',
  });
}

/** A container that starts with the pod may ask before the proxy knows the pod. */
function startRace(proxy: ProxyFacts, { named }: FindingInput): readonly MigrationFinding[] {
  const racing = named.filter(({ source }) => source.initContainers.length > 0);
  if (racing.length === 0) return [];
  return [
    about(proxy).note({
      text: `may know a pod later than its init containers ask, which ${counted(racing.length, 'workload')} have; podrole's token is there before they start`,
      remedy: 'remove what makes them wait or try again, after the move',
    }),
  ];
}
