import assert from 'node:assert/strict';
import type { HostContainer } from '../../docker/containers/host-container.ts';
import { chooseRole, type RoleRules } from '../../docker/roles/choose-role.ts';
import type { ContainerRule } from '../../docker/roles/container-rule.ts';
import { parseRoleArn } from '../../lib/arn.ts';

/** Prefix that completes the names of roles. */
export const BASE_ROLE_ARN = 'arn:aws:iam::111122223333:role/';

export interface GivenContainer {
  readonly name?: string;
  readonly image?: string;
  readonly networkMode?: string;
  /** Default: one of a bridge network. */
  readonly addresses?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Creates a container that runs. Its ID is made of its name. */
export function hostContainer(given: GivenContainer): HostContainer {
  const { name = 'web', image = 'busybox', networkMode = 'bridge', labels = {}, env = {} } = given;
  const { addresses = ['172.17.0.2'] } = given;
  return {
    id: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
    name,
    image,
    labels: new Map(Object.entries(labels)),
    environment: new Map(Object.entries(env)),
    isRunning: true,
    pid: 7,
    networkMode,
    networkNamespace: '',
    endpoints: [
      { networkId: 'n1', networkName: 'bridge', endpointId: 'e1', addresses, mac: '02:42:ac:11:00:02' },
    ],
  };
}

function roleOf(name: string) {
  const parsed = parseRoleArn(name.startsWith('arn:') ? name : `${BASE_ROLE_ARN}${name}`);
  assert.ok(parsed);
  return parsed;
}

/** Creates a rule of a role file. */
export function containerRule(role: string, matcher: Partial<ContainerRule>): ContainerRule {
  return {
    container: undefined,
    service: undefined,
    image: undefined,
    sessionPolicy: undefined,
    line: 2,
    ...matcher,
    role: roleOf(role),
  };
}

export interface GivenRules {
  readonly file?: readonly ContainerRule[];
  readonly allow?: readonly string[];
  readonly default?: string;
  readonly base?: string | undefined;
}

export function roleRules(given: GivenRules): RoleRules {
  return {
    file: given.file ?? [],
    allow: given.allow ?? [],
    defaultRole: given.default === undefined ? undefined : roleOf(given.default),
    baseRoleArn: 'base' in given ? given.base : BASE_ROLE_ARN,
  };
}

/** Returns `file web`, with the session policy after it; `none`; or the reason of the refusal. */
export function choiceOf(given: GivenContainer, ruled: GivenRules): string {
  const chosen = chooseRole(hostContainer(given), roleRules(ruled));
  if (chosen.kind === 'without-role') return 'none';
  if (chosen.kind === 'refused') return chosen.reason;
  const { role, source, sessionPolicy } = chosen.grant;
  return [source, role.arn.replace(BASE_ROLE_ARN, ''), sessionPolicy ?? []].flat().join(' ');
}

export const POLICY = '{"Version":"2012-10-17","Statement":[]}';
export const LABEL = 'podrole.dev/role-arn';
export const ANY = ['*'];
export const WEB = [containerRule('by-file', { container: 'web' })];
export const SHOP = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'php' };
