import {
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type AwsCredentials, type AwsServer, clientOptions } from '../../aws/aws-server.ts';
import { READ_BUCKET } from '../aws/trusting-radosgw.ts';

/** Roles as kube2iam and kiam need them: each trusts the proxy's role, and that one trusts the nodes. */
export interface ProxyRoles {
  readonly proxyRoleArn: string;
  /** Session of the proxy's role: what an attacker on a node has. */
  readonly proxy: AwsCredentials;
  /** Returns the names of the roles that a session may assume. */
  assumableBy(session: AwsCredentials): Promise<readonly string[]>;
  /** Returns the trust policies by role name. */
  trustPolicies(): Promise<Readonly<Record<string, object>>>;
  /** Replaces the trust policy of each named role. */
  restoreTrust(policies: Readonly<Record<string, object>>): Promise<void>;
  /** Takes the proxy's role out of the trust policy of each role. */
  dropProxy(): Promise<void>;
}

const PROXY = 'kube2iam';

/** @param names of the roles, each of which may read the bucket */
export async function createProxyRoles(server: AwsServer, names: readonly string[]): Promise<ProxyRoles> {
  const iam = new IAMClient(clientOptions(server));
  const arnOf = (kind: 'role' | 'user', name: string) => `arn:aws:iam::${server.account}:${kind}/${name}`;
  await createRole(iam, PROXY, arnOf('user', 'admin'));
  const proxyRoleArn = arnOf('role', PROXY);
  for (const name of names) {
    await createRole(iam, name, proxyRoleArn);
    const PolicyDocument = JSON.stringify(READ_BUCKET);
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'read', PolicyDocument }));
  }
  const assume = (name: string, session?: AwsCredentials) => sessionOf(server, arnOf('role', name), session);
  const trustPolicies = async () => {
    const trusts = names.map(async (name) => [name, await readTrust(iam, name)] as const);
    return Object.fromEntries(await Promise.all(trusts));
  };
  const restoreTrust = async (policies: Readonly<Record<string, object>>) => {
    for (const [RoleName, policy] of Object.entries(policies)) {
      const PolicyDocument = JSON.stringify(policy);
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    }
  };
  return {
    proxyRoleArn,
    proxy: await assume(PROXY),
    async assumableBy(session) {
      const tried = names.map(async (name) => ({ name, given: await succeeds(assume(name, session)) }));
      return (await Promise.all(tried)).flatMap(({ name, given }) => (given ? [name] : []));
    },
    trustPolicies,
    restoreTrust,
    async dropProxy() {
      const kept = Object.entries(await trustPolicies()).map(([name, policy]) => [name, without(policy)]);
      await restoreTrust(Object.fromEntries(kept));
    },
  };

  function without(policy: object): object {
    const { Statement = [], ...rest } = policy as { Statement?: readonly object[] };
    const isOther = (statement: object) => !JSON.stringify(statement).includes(proxyRoleArn);
    const others = Statement.filter(isOther);
    // A trust policy must have a statement. This one lets nobody in.
    const nobody = { Effect: 'Deny', Principal: { AWS: proxyRoleArn }, Action: 'sts:AssumeRole' };
    return { ...rest, Statement: others.length > 0 ? others : [nobody] };
  }
}

async function createRole(iam: IAMClient, RoleName: string, principal: string): Promise<void> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: [principal] }, Action: ['sts:AssumeRole'] }],
  };
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}

async function readTrust(iam: IAMClient, RoleName: string): Promise<object> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  return JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''));
}

/**
 * @param session of the caller; default: the administrator
 * @throws the SDK's error when the server refuses
 */
async function sessionOf(
  server: AwsServer,
  RoleArn: string,
  session?: AwsCredentials,
): Promise<AwsCredentials> {
  const sts = new STSClient(clientOptions(server, session));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'e2e' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** @returns false if the server denies access; any other error is thrown */
async function succeeds(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (thrown) {
    const { $metadata } = thrown as { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 403) return false;
    throw thrown;
  }
}
