import {
  type IamAnswer,
  type IamCallSeen,
  type IamServer,
  iamRefusal,
  iamResult,
  startIamServer,
} from './iam-server.ts';

type Texts = Map<string, string>;

interface MemoryRole {
  readonly path: string;
  trustPolicy: string;
  description: string;
  maxSessionDuration: string;
  boundary: string | undefined;
  readonly tags: Texts;
  readonly attached: Set<string>;
  readonly inline: Texts;
}

interface MemoryProvider {
  readonly url: string;
  readonly clientIds: Set<string>;
  thumbprints: readonly string[];
  readonly tags: Texts;
}

/** The part of IAM that podrole uses, in memory. It answers in the formats of AWS and checks nothing. */
export interface MemoryIam extends IamServer {
  /** Of all ARNs; a test may set it, to another server's. */
  account: string;
  /** By name. */
  readonly roles: Map<string, MemoryRole>;
  /** Time of the last use, by the name of the role; none: never. */
  readonly lastUsed: Map<string, string>;
  /** By ARN. */
  readonly providers: Map<string, MemoryProvider>;
  /** ARNs of managed policies that do not exist; all others do. */
  readonly missingPolicies: Set<string>;
  /** Documents of managed policies by ARN; default: one that allows everything. */
  readonly policyDocuments: Map<string, string>;
  /** Answer instead of carrying out the call; undefined: the call is carried out. */
  refuse: (call: IamCallSeen) => IamAnswer | undefined;
  /** Carries out a call, also one that came to another server. */
  readonly answer: (call: IamCallSeen) => IamAnswer;
  /** Writes, in order: `AttachRolePolicy`. */
  readonly writes: () => readonly string[];
}

const ACCOUNT = '111122223333';
const ALLOWS_ALL = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

export async function startMemoryIam(): Promise<MemoryIam> {
  const roles: MemoryIam['roles'] = new Map();
  const lastUsed: MemoryIam['lastUsed'] = new Map();
  const providers: MemoryIam['providers'] = new Map();
  const server = await startIamServer((call) => memory.refuse(call) ?? answer(call));
  const memory: MemoryIam = {
    ...server,
    account: ACCOUNT,
    roles,
    lastUsed,
    providers,
    missingPolicies: new Set(),
    policyDocuments: new Map(),
    refuse: () => undefined,
    answer,
    writes: () => server.calls.map(({ action }) => action).filter((action) => !/^(Get|List)/.test(action)),
  };

  function answer({ action, parameters }: IamCallSeen): IamAnswer {
    const change = changes[action];
    const value = (name: string) => parameters[name] ?? '';
    const role = roles.get(value('RoleName'));
    const arn = value('OpenIDConnectProviderArn');
    const provider = providers.get(arn);
    const isMissing =
      memory.missingPolicies.has(/^GetPolicy/.test(action) ? value('PolicyArn') : '') ||
      (parameters['RoleName'] !== undefined && !role) ||
      (arn !== '' && !provider);
    if (isMissing && action !== 'CreateRole') return iamRefusal(404, 'NoSuchEntity', 'it cannot be found.');
    if (!change) return iamRefusal(400, 'InvalidAction', `Could not find operation ${action}`);
    return iamResult(
      action,
      change({ value, members: (name) => membersOf(parameters, name), role, provider }) ?? '',
    );
  }

  const changes: Readonly<Record<string, (call: Call) => string | undefined>> = {
    ...roleCalls(roles, lastUsed, () => memory.account),
    ...providerCalls(providers, () => memory.account),
    GetPolicy: ({ value }) =>
      `<Policy><Arn>${value('PolicyArn')}</Arn><DefaultVersionId>v1</DefaultVersionId><IsAttachable>true</IsAttachable></Policy>`,
    GetPolicyVersion: ({ value }) =>
      `<PolicyVersion><Document>${encodeURIComponent(memory.policyDocuments.get(value('PolicyArn')) ?? ALLOWS_ALL)}</Document><VersionId>v1</VersionId></PolicyVersion>`,
    GetCallerIdentity: () =>
      `<Arn>arn:aws:iam::${memory.account}:user/ci</Arn><UserId>AIDAEXAMPLE</UserId><Account>${memory.account}</Account>`,
  };
  return memory;
}

interface Call {
  readonly value: (name: string) => string;
  /** Returns the parts after the number of parameters such as `Tags.member.1.Key`. */
  readonly members: (name: string) => readonly Readonly<Record<string, string>>[];
  readonly role: MemoryRole | undefined;
  readonly provider: MemoryProvider | undefined;
}

function membersOf(
  parameters: IamCallSeen['parameters'],
  name: string,
): readonly Readonly<Record<string, string>>[] {
  const members: Record<string, string>[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const [, at, part = ''] = new RegExp(`^${name}\\.member\\.(\\d+)(?:\\.(\\w+))?$`).exec(key) ?? [];
    if (at !== undefined) members[Number(at) - 1] = { ...members[Number(at) - 1], [part]: value };
  }
  return members;
}

function setTags(tags: Texts, { members }: Call): void {
  for (const { Key = '', Value = '' } of members('Tags')) tags.set(Key, Value);
}

const tagsXml = (tags: Texts) =>
  `<Tags>${[...tags].map(([key, value]) => member(`<Key>${key}</Key><Value>${value}</Value>`)).join('')}</Tags>`;
const member = (xml: string) => `<member>${xml}</member>`;
const membersXml = (values: Iterable<string>) => [...values].map(member).join('');

function roleXml(name: string, role: MemoryRole, account: string): string {
  const boundary = role.boundary
    ? `<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>${role.boundary}</PermissionsBoundaryArn></PermissionsBoundary>`
    : '';
  return `<Path>${role.path}</Path><RoleName>${name}</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::${account}:role${role.path}${name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>${encodeURIComponent(role.trustPolicy)}</AssumeRolePolicyDocument><Description>${role.description}</Description><MaxSessionDuration>${role.maxSessionDuration}</MaxSessionDuration>${boundary}${role.tags.size > 0 ? tagsXml(role.tags) : ''}`;
}

function roleCalls(
  roles: MemoryIam['roles'],
  lastUsed: MemoryIam['lastUsed'],
  account: () => string,
): Record<string, (call: Call) => string | undefined> {
  return {
    ListRoles: () =>
      `<IsTruncated>false</IsTruncated><Roles>${membersXml([...roles].map(([name, role]) => roleXml(name, role, account())))}</Roles>`,
    GetRole: ({ value, role }) => {
      const used = lastUsed.get(value('RoleName'));
      const lastUse = used ? `<RoleLastUsed><LastUsedDate>${used}</LastUsedDate></RoleLastUsed>` : '';
      return role && `<Role>${roleXml(value('RoleName'), role, account())}${lastUse}</Role>`;
    },
    ListInstanceProfiles: () => '<IsTruncated>false</IsTruncated><InstanceProfiles></InstanceProfiles>',
    ListRoleTags: ({ role }) => role && `<IsTruncated>false</IsTruncated>${tagsXml(role.tags)}`,
    CreateRole: (call) => {
      const { value } = call;
      const role: MemoryRole = {
        path: value('Path'),
        trustPolicy: value('AssumeRolePolicyDocument'),
        description: value('Description'),
        maxSessionDuration: value('MaxSessionDuration') || '3600',
        boundary: value('PermissionsBoundary') || undefined,
        tags: new Map(),
        attached: new Set(),
        inline: new Map(),
      };
      setTags(role.tags, call);
      roles.set(value('RoleName'), role);
      return `<Role>${roleXml(value('RoleName'), role, account())}</Role>`;
    },
    UpdateRole: ({ value, role }) => set(role, { maxSessionDuration: value('MaxSessionDuration') }),
    UpdateAssumeRolePolicy: ({ value, role }) => set(role, { trustPolicy: value('PolicyDocument') }),
    PutRolePermissionsBoundary: ({ value, role }) => set(role, { boundary: value('PermissionsBoundary') }),
    TagRole: (call) => done(call.role && setTags(call.role.tags, call)),
    UntagRole: ({ members, role }) =>
      done(members('TagKeys').map(({ '': key = '' }) => role?.tags.delete(key))),
    AttachRolePolicy: ({ value, role }) => done(role?.attached.add(value('PolicyArn'))),
    DetachRolePolicy: ({ value, role }) => done(role?.attached.delete(value('PolicyArn'))),
    ListAttachedRolePolicies: ({ role }) =>
      `<IsTruncated>false</IsTruncated><AttachedPolicies>${membersXml([...(role?.attached ?? [])].map((arn) => `<PolicyArn>${arn}</PolicyArn>`))}</AttachedPolicies>`,
    PutRolePolicy: ({ value, role }) => done(role?.inline.set(value('PolicyName'), value('PolicyDocument'))),
    DeleteRolePolicy: ({ value, role }) => done(role?.inline.delete(value('PolicyName'))),
    ListRolePolicies: ({ role }) =>
      `<IsTruncated>false</IsTruncated><PolicyNames>${membersXml(role?.inline.keys() ?? [])}</PolicyNames>`,
    GetRolePolicy: ({ value, role }) =>
      `<RoleName>${value('RoleName')}</RoleName><PolicyName>${value('PolicyName')}</PolicyName><PolicyDocument>${encodeURIComponent(role?.inline.get(value('PolicyName')) ?? '')}</PolicyDocument>`,
    DeleteRole: ({ value }) => done(roles.delete(value('RoleName'))),
  };
}

function providerCalls(
  providers: MemoryIam['providers'],
  account: () => string,
): Record<string, (call: Call) => string | undefined> {
  const texts = ({ members }: Call, name: string) => members(name).map(({ '': value = '' }) => value);
  return {
    ListOpenIDConnectProviders: () =>
      `<OpenIDConnectProviderList>${membersXml([...providers.keys()].map((arn) => `<Arn>${arn}</Arn>`))}</OpenIDConnectProviderList>`,
    GetOpenIDConnectProvider: ({ provider }) =>
      provider &&
      `<Url>${provider.url}</Url><CreateDate>2026-01-02T03:04:05Z</CreateDate><ClientIDList>${membersXml(provider.clientIds)}</ClientIDList><ThumbprintList>${membersXml(provider.thumbprints)}</ThumbprintList>${tagsXml(provider.tags)}`,
    CreateOpenIDConnectProvider: (call) => {
      const url = call.value('Url').replace('https://', '');
      const clientIds = new Set(texts(call, 'ClientIDList'));
      const provider = { url, clientIds, thumbprints: texts(call, 'ThumbprintList'), tags: new Map() };
      setTags(provider.tags, call);
      const arn = `arn:aws:iam::${account()}:oidc-provider/${url}`;
      providers.set(arn, provider);
      return `<OpenIDConnectProviderArn>${arn}</OpenIDConnectProviderArn>`;
    },
    AddClientIDToOpenIDConnectProvider: ({ value, provider }) =>
      done(provider?.clientIds.add(value('ClientID'))),
    RemoveClientIDFromOpenIDConnectProvider: ({ value, provider }) =>
      done(provider?.clientIds.delete(value('ClientID'))),
    UpdateOpenIDConnectProviderThumbprint: (call) =>
      set(call.provider, { thumbprints: texts(call, 'ThumbprintList') }),
    TagOpenIDConnectProvider: (call) => done(call.provider && setTags(call.provider.tags, call)),
    DeleteOpenIDConnectProvider: ({ value }) => done(providers.delete(value('OpenIDConnectProviderArn'))),
  };
}

function set<T extends object>(target: T | undefined, members: Partial<T>): undefined {
  if (target) Object.assign(target, members);
}

function done(_change: unknown): undefined {}
