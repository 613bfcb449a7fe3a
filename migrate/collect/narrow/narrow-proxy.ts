import { agentKindOf, imageName } from '../../../doctor/collect/cluster/read/read-node-agents.ts';
import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { parseGoBool, parseGoDurationMs } from '../../../lib/text/go-values.ts';
import { nameOf } from '../../../pods/pod-parts.ts';
import type { ProxyFacts } from '../../facts/migration-facts.ts';
import type { OldProxy } from '../../model.ts';
import { type ProxyFlags, proxyFlagsOf } from './proxy-flags.ts';

/** Returns what a DaemonSet or a Deployment says about the proxy; undefined if it does not run it. */
export function narrowProxy(
  from: OldProxy,
  kind: ProxyFacts['kind'],
  object: JsonObject,
): ProxyFacts | undefined {
  const metadata = metadataOf(object);
  const name = nameOf(metadata) ?? '';
  const spec = asObject(object['spec']);
  const containers = objectsOf(asObject(asObject(spec?.['template'])?.['spec'])?.['containers']);
  const part = partOf(from, { kind, name, spec, containers });
  if (!part) return undefined;
  const flags = proxyFlagsOf(containers);
  const place = { kind, namespace: asText(metadata?.['namespace']) ?? '', name, part };
  return { ...place, ...(from === 'kube2iam' ? kube2iamFlags(flags) : kiamFlags(flags)) };
}

interface Candidate {
  readonly kind: ProxyFacts['kind'];
  readonly name: string;
  readonly spec: JsonObject | undefined;
  readonly containers: readonly JsonObject[];
}

function partOf(from: OldProxy, { kind, name, spec, containers }: Candidate): ProxyFacts['part'] | undefined {
  // Both parts of kiam run from one image.
  if (from === 'kiam' && containers.some((container) => isKiamServer(name, container))) return 'server';
  return kind === 'DaemonSet' && agentKindOf(name, spec) === from ? 'agent' : undefined;
}

function isKiamServer(name: string, { image, command, args }: JsonObject): boolean {
  const words = [...(asArray(command) ?? []), ...(asArray(args) ?? [])];
  if (imageName(asText(image) ?? '') !== 'kiam' || words.includes('agent')) return false;
  return name.includes('server') || words.includes('server');
}

type FlagFacts = Omit<ProxyFacts, 'kind' | 'namespace' | 'name' | 'part'>;

/** A session lasts twice as long as credentials are kept. [kube2iam] iam/iam.go */
const KUBE2IAM_TTL_FACTOR = 2;

/** [kube2iam] cmd/main.go: names and defaults */
function kube2iamFlags(flags: ProxyFlags): FlagFacts {
  const findsDefault = isOn(flags, 'auto-discover-default-role');
  const base = flags.get('base-role-arn');
  const ttlMs = parseGoDurationMs(flags.get('iam-role-session-ttl') ?? '');
  return {
    // It adds the slash that is missing.
    baseRoleArn: base ? `${base.endsWith('/') ? base : `${base}/`}` : undefined,
    findsBaseArn: isOn(flags, 'auto-discover-base-arn') || findsDefault,
    defaultRole: findsDefault ? 'discovered' : flags.get('default-role') || undefined,
    isRestricted: isOn(flags, 'namespace-restrictions'),
    allowedRolesFormat:
      flags.get('namespace-restriction-format')?.toLowerCase() === 'regexp' ? 'regexp' : 'glob',
    podRoleAnnotation: flags.get('iam-role-key') || undefined,
    namespaceKey: flags.get('namespace-key') || undefined,
    assumesFirst: undefined,
    sessionSeconds: ttlMs === undefined ? undefined : (ttlMs * KUBE2IAM_TTL_FACTOR) / 1_000,
    addsNodeRule: isOn(flags, 'iptables'),
  };
}

/** [kiam] cmd/kiam/server.go, cmd/kiam/agent.go: names and defaults */
function kiamFlags(flags: ProxyFlags): FlagFacts {
  const durationMs = parseGoDurationMs(flags.get('session-duration') ?? '');
  return {
    baseRoleArn: flags.get('role-base-arn') || undefined,
    findsBaseArn: isOn(flags, 'role-base-arn-autodetect'),
    defaultRole: undefined,
    isRestricted: true,
    allowedRolesFormat: 'glob',
    podRoleAnnotation: undefined,
    namespaceKey: undefined,
    assumesFirst: flags.get('assume-role-arn') || undefined,
    sessionSeconds: durationMs === undefined ? undefined : durationMs / 1_000,
    addsNodeRule: isOn(flags, 'iptables'),
  };
}

function isOn(flags: ProxyFlags, name: string): boolean {
  return parseGoBool(flags.get(name) ?? '') === true;
}
