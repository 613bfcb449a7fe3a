import type { IAMClient } from '@aws-sdk/client-iam';
import { findAccount } from '../../../bind/iam/find-account.ts';
import { openIam } from '../../../bind/iam/open-iam.ts';
import { listProviderArns, readProvider } from '../../../bind/iam/read-provider.ts';
import { listRoles, readBareRole } from '../../../bind/iam/read-role.ts';
import { providerArnOf } from '../../../bind/names.ts';
import { hasTrustPolicy, parseRoleArn, type RoleArn } from '../../../lib/arn.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Env } from '../../../lib/surroundings.ts';
import type { AwsFacts } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { notAsked } from '../../facts/not-asked.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { askedDuration } from '../../workload/asked-duration.ts';
import { lookUp, type Resolve } from '../host-addresses.ts';
import type { Once } from '../once.ts';
import { exchangeToken } from './exchange-token.ts';
import { iamReading } from './iam-reading.ts';
import { readRoleFacts } from './read-role-facts.ts';
import { exchangingEnv, isOnlyWithinPod, stsAddress } from './sts-address.ts';

export interface AwsQuestion {
  readonly grant: ChainFacts['grant'];
  /** As the tokens name it; undefined if it is not known. */
  readonly issuer: string | undefined;
  /** Web identity token for the live call; undefined: no call. */
  readonly token: string | undefined;
  /** Whose variables say which STS is asked. */
  readonly pod: PodFacts | undefined;
  /** Role that the role assumes for the pods. Left out: none is named. */
  readonly target?: RoleArn | undefined;
  /** Variables of podrole's agent, if that asks STS for the pod; undefined if the pod itself does. */
  readonly agentEnv?: Env | undefined;
  /** Container whose own role it is. */
  readonly container: string | undefined;
  readonly settings: Pick<ChainFacts['settings'], 'stsEndpointUrl'>;
  /** Of this process. */
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly once: Once;
  readonly resolve?: Resolve;
}

/**
 * Reads provider and role from IAM, and makes one live call to STS. It never throws for what it may not read:
 * each part is a reading of its own.
 */
export async function collectAws(question: AwsQuestion): Promise<AwsFacts> {
  const role = question.grant && parseRoleArn(question.grant.roleArn);
  if (!role)
    return nothingAsked(
      question.grant ? 'the role is not the ARN of a role' : 'the ServiceAccount names no role',
    );
  const [ofIam, exchange] = await Promise.all([collectIam(role, question), liveCall(role, question)]);
  return { ...ofIam, exchange };
}

const LOOKUP_TIMEOUT_MS = 5_000;

type IamFacts = Omit<AwsFacts, 'exchange'>;

async function collectIam(role: RoleArn, question: AwsQuestion): Promise<IamFacts> {
  if (!hasTrustPolicy(role)) return nothingAsked('the role is in MinIO, which has no IAM');
  let iam: IAMClient;
  try {
    iam = await openIam(role.partition, question.env);
  } catch (thrown) {
    return nothingAsked(messageOf(thrown));
  }
  try {
    return await readIam(iam, role, question);
  } finally {
    iam.destroy();
  }
}

async function readIam(iam: IAMClient, role: RoleArn, question: AwsQuestion): Promise<IamFacts> {
  const { issuer, env, signal, once } = question;
  const account = await once('iam account', () =>
    iamReading('sts:GetCallerIdentity', signal, () =>
      findAccount({ accountId: undefined, partition: undefined }, env, iam),
    ),
  );
  const elsewhere = elsewhereOf(role, account);
  if (elsewhere !== undefined) {
    const roleArns = await ownTwin(iam, role, { signal, once });
    const target = await targetFacts(iam, question, account);
    return { ...nothingAsked(elsewhere), account, roleArns, ...target };
  }
  const [target, ofProvider, ofRole] = await Promise.all([
    targetFacts(iam, question, account),
    providerFacts(iam, role, { issuer, signal, once }),
    roleFacts(iam, role, { signal, once }),
  ]);
  return { account, ...ofProvider, ...ofRole, ...target };
}

async function targetFacts(
  iam: IAMClient,
  { target, signal, once }: Pick<AwsQuestion, 'target' | 'signal' | 'once'>,
  account: AwsFacts['account'],
): Promise<Pick<AwsFacts, 'target'>> {
  if (!target) return {};
  const elsewhere = elsewhereOf(target, account);
  if (elsewhere !== undefined) return { target: notAsked(elsewhere) };
  const reading = await once(`iam target ${target.arn}`, () =>
    iamReading(`iam:GetRole on role ${target.name}`, signal, async () => {
      const found = await readBareRole(iam, target.name);
      return found && { arn: found.arn, trustPolicy: found.trustPolicy ?? null };
    }),
  );
  return { target: reading };
}

/** Returns where the role is, if these credentials cannot see it. */
function elsewhereOf(role: RoleArn, account: AwsFacts['account']): string | undefined {
  if (account.state !== 'read') return undefined;
  const { accountId, partition } = account.value;
  if (role.partition !== partition)
    return `the role is in partition ${role.partition}, these credentials are for ${partition}`;
  return role.account === accountId
    ? undefined
    : `the role is in account ${role.account}, these credentials are for ${accountId || 'no account'}`;
}

/** Looks for a role of the same name in the account of the credentials: maybe that one is meant. */
function ownTwin(
  iam: IAMClient,
  { name }: RoleArn,
  { signal, once }: Pick<AwsQuestion, 'signal' | 'once'>,
): Promise<AwsFacts['roleArns']> {
  return once(`iam twin ${name}`, () =>
    iamReading(`iam:GetRole on role ${name}`, signal, async () => {
      const own = await readBareRole(iam, name);
      return own && [own.arn];
    }),
  );
}

async function providerFacts(
  iam: IAMClient,
  role: RoleArn,
  { issuer, signal, once }: Pick<AwsQuestion, 'issuer' | 'signal' | 'once'>,
): Promise<Pick<AwsFacts, 'provider' | 'providerArns'>> {
  if (issuer === undefined) {
    const unasked = notAsked('the issuer of the tokens is not known');
    return { provider: unasked, providerArns: unasked };
  }
  const arn = providerArnOf(issuer, { accountId: role.account, partition: role.partition });
  const provider = await once(`iam provider ${arn}`, () =>
    iamReading(`iam:GetOpenIDConnectProvider on ${arn}`, signal, async () => {
      const found = await readProvider(iam, arn);
      return (
        found && {
          arn,
          issuer: found.issuer,
          clientIds: found.clientIds,
          thumbprints: found.thumbprints,
        }
      );
    }),
  );
  if (provider.state !== 'absent') return { provider, providerArns: notAsked('the provider is known') };
  const providerArns = await once('iam providers', () =>
    iamReading('iam:ListOpenIDConnectProviders', signal, () => listProviderArns(iam)),
  );
  return { provider, providerArns };
}

async function roleFacts(
  iam: IAMClient,
  { arn, name }: RoleArn,
  { signal, once }: Pick<AwsQuestion, 'signal' | 'once'>,
): Promise<Pick<AwsFacts, 'role' | 'roleArns'>> {
  const role = await once(`iam role ${arn}`, () => readRoleFacts(iam, name, signal));
  if (role.state !== 'absent') return { role, roleArns: notAsked('the role is known') };
  const roleArns = await once('iam roles', () =>
    iamReading('iam:ListRoles', signal, async () => (await listRoles(iam)).map((listed) => listed.arn)),
  );
  return { role, roleArns };
}

async function liveCall(
  role: RoleArn,
  { token, pod, container, agentEnv, settings, env, signal, resolve = lookUp }: AwsQuestion,
): Promise<AwsFacts['exchange']> {
  if (token === undefined) return notAsked('there is no token to exchange');
  try {
    const podEnv = exchangingEnv(pod, container);
    const { stsEndpointUrl } = settings;
    const address = stsAddress({ role, podEnv: agentEnv ?? podEnv, stsEndpointUrl, env });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_TIMEOUT_MS)]);
    if (address.isNamedByPod && (await isOnlyWithinPod(address.endpoint, resolve, limit)))
      return notAsked(
        `${address.endpoint.origin} can be asked only from ${agentEnv ? 'its node' : 'within the pod'}`,
      );
    const { arn: roleArn } = role;
    const durationSeconds = askedDuration(pod, roleArn)?.seconds;
    const call = { ...address, roleArn, token, podEnv, durationSeconds, env, signal };
    return { state: 'read', value: await exchangeToken(call) };
  } catch (thrown) {
    return { state: 'failed', said: messageOf(thrown) };
  }
}

function nothingAsked(why: string): AwsFacts {
  const unasked = notAsked(why);
  return {
    account: unasked,
    provider: unasked,
    providerArns: unasked,
    role: unasked,
    roleArns: unasked,
    exchange: unasked,
  };
}
