import { describeFault } from '../../lib/errors.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { chooseRole, type RoleRules, ruleFor } from '../roles/choose-role.ts';
import { composeServiceOf } from '../roles/compose-service.ts';
import type { GrantSource } from '../roles/container-grant.ts';

/** Container that runs, and the role that it would get. */
export interface JudgedContainer {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  /** `PROJECT/SERVICE`, as its labels say. */
  readonly service?: string;
  readonly role?: string;
  readonly source?: GrantSource;
  /** Line of the role file, if it is the source. */
  readonly line?: number;
  /** True if a session policy narrows the role. */
  readonly isNarrowed?: true;
  /** Name of the container whose network, and so whose role, it shares. */
  readonly as?: string;
  /** Reason for which it gets no role although one is named, or for which it cannot ask. */
  readonly refused?: string;
}

/** Roles of the containers of a host. */
export interface JudgedHost {
  /** In the order of their names. */
  readonly containers: readonly JudgedContainer[];
  /** Lines of rules of the role file that give no container of these a role. */
  readonly unusedRules: readonly number[];
}

/** Decides which role each container would get. */
export function judgeContainers(containers: readonly HostContainer[], rules: RoleRules): JudgedHost {
  const byName = new Map(
    containers.flatMap((each) => [[each.id, each] as const, [each.name, each] as const]),
  );
  const judged = containers
    .map((container) => judgeContainer(container, rules, byName))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const used = new Set(judged.map(({ line }) => line));
  return {
    containers: judged,
    unusedRules: rules.file.map(({ line }) => line).filter((line) => !used.has(line)),
  };
}

function judgeContainer(
  container: HostContainer,
  rules: RoleRules,
  byName: ReadonlyMap<string, HostContainer>,
): JudgedContainer {
  const { name, id, image, networkMode } = container;
  const service = composeServiceOf(container);
  const described = { name, id, image, ...(service && { service: `${service.project}/${service.service}` }) };
  if (!networkMode.startsWith(SHARED)) return { ...described, ...roleOf(container, rules) };
  const owner = byName.get(networkMode.slice(SHARED.length));
  if (!owner) return { ...described, refused: WITHOUT_OWNER };
  return { ...described, as: owner.name, ...roleOf(owner, rules) };
}

const SHARED = 'container:';

function roleOf(
  container: HostContainer,
  rules: RoleRules,
): Pick<JudgedContainer, 'role' | 'source' | 'line' | 'isNarrowed' | 'refused'> {
  if (container.networkMode === 'host') return { refused: ON_HOST };
  if (container.networkMode === 'none') return { refused: WITHOUT_NETWORK };
  if (container.endpoints.every(({ addresses }) => addresses.length === 0)) {
    return { refused: withoutAddress(container.networkMode) };
  }
  const choice = chooseRole(container, rules);
  if (choice.kind === 'without-role') return {};
  if (choice.kind === 'refused') return { refused: choice.reason };
  const { role, source, sessionPolicy } = choice.grant;
  const line = source === 'file' ? ruleFor(container, rules)?.line : undefined;
  return {
    role: role.arn,
    source,
    ...(line === undefined ? {} : { line }),
    ...(sessionPolicy === undefined ? {} : { isNarrowed: true }),
  };
}

const ON_HOST = describeFault({
  object: 'Network mode host',
  problem: 'the container cannot be told from the host',
  remedy: 'give it a network of its own',
});

const WITHOUT_NETWORK = describeFault({
  object: 'Network mode none',
  problem: 'the container cannot ask',
  remedy: 'give it a network',
});

/** The network of rootless containers: a program translates their addresses to those of the host. */
function withoutAddress(networkMode: string): string {
  return describeFault({
    object: `Network mode ${networkMode}`,
    problem: 'the container has no address of its own, so podrole gets none of its requests',
    remedy: 'run it as root in a bridge network',
  });
}

const WITHOUT_OWNER = describeFault({
  object: 'Network of another container',
  problem: 'that container does not run',
  remedy: 'start it',
});
