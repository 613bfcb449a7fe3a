import { type IAMClient, paginateListInstanceProfiles } from '@aws-sdk/client-iam';
import { mapLimited } from '../../../bind/facts/map-limited.ts';
import { findAccount } from '../../../bind/iam/find-account.ts';
import type { ListedRole } from '../../../bind/iam/iam-facts.ts';
import { iamError } from '../../../bind/iam/iam-fault.ts';
import { IAM_READS_AT_ONCE } from '../../../bind/iam/open-iam.ts';
import { listProviderArns, readProvider } from '../../../bind/iam/read-provider.ts';
import { listRoles, readRoleLastUsed } from '../../../bind/iam/read-role.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import { PodroleError } from '../../../lib/errors.ts';
import type { Env, Progress } from '../../../lib/surroundings.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import type { AuditProvider, AuditRole, IamAuditFacts } from '../facts/audit-facts.ts';
import { indexTrustingRoles } from '../joins/trusting-roles.ts';
import { createUnread, type Unread } from './unread.ts';

export interface AuditedIamInput {
  readonly iam: IAMClient;
  readonly env: Env;
  /** Issuers of the audited clusters. */
  readonly issuers: readonly string[];
  readonly progress: Progress;
  readonly collectIssuer: (issuer: string) => Promise<IssuerFacts>;
}

/** Reads roles, providers and instance profiles. What is denied is named in `unread`. */
export async function collectAuditedIam(input: AuditedIamInput): Promise<IamAuditFacts> {
  const { iam, env, progress } = input;
  const unread = createUnread();
  const listed = await attempt(unread, 'roles of IAM', 'who may assume which role', () =>
    listRoles(iam, (done) => progress.show('reading roles', done)),
  );
  const account = await attempt(unread, 'account', 'whether a role is in it', async () => {
    const example = parseRoleArn(listed?.[0]?.arn ?? '');
    if (example) return { accountId: example.account, partition: example.partition };
    return findAccount({ accountId: undefined, partition: undefined }, env, iam);
  });
  const providers = await readProviders(input, unread);
  const instanceProfileRoleArns = await attempt(
    unread,
    'instance profiles',
    'which roles nodes can have',
    () => listInstanceProfileRoles(iam),
  );
  const roles = listed && (await withLastUse(input, listed, unread));
  return { account, roles, providers, instanceProfileRoleArns, unread: unread.texts };
}

/** Returns undefined if the read fails, and says so. */
async function attempt<Value>(
  unread: Unread,
  what: string,
  missing: string,
  read: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    unread.add(`${what}: ${whyUnread(thrown)}; without it: ${missing}`);
    return undefined;
  }
}

/** The remedy first, as for what the cluster refuses. */
function whyUnread({ faults: [fault], message }: PodroleError): string {
  return fault ? `${fault.remedy} (${fault.problem})` : message;
}

async function readProviders(
  { iam, issuers, collectIssuer }: AuditedIamInput,
  unread: Unread,
): Promise<readonly AuditProvider[] | undefined> {
  const arns = await attempt(unread, 'OIDC providers', 'whether the issuers have one', () =>
    listProviderArns(iam),
  );
  if (!arns) return undefined;
  const audited = new Set(issuers);
  const asked = await mapLimited(arns, IAM_READS_AT_ONCE, async (arn) => {
    const facts = await attempt(unread, `OIDC provider ${arn}`, 'its client IDs', () =>
      readProvider(iam, arn),
    );
    const issuer = facts?.issuer ?? `https://${arn.replace(/^.*?:oidc-provider\//, '')}`;
    const { clientIds, thumbprints = [] } = facts ?? {};
    return { arn, issuer, clientIds, thumbprints, answer: discoveryAnswer(await collectIssuer(issuer)) };
  });
  // If none answers, the network of this machine is as likely to be the cause.
  const isOnline = asked.some(({ answer }) => answer !== undefined && 'status' in answer);
  if (!isOnline && asked.some(({ answer }) => answer !== undefined))
    unread.add('issuers of OIDC providers: none answered; without them: which of the providers are dead');
  return asked.map(({ answer, ...provider }) => ({
    ...provider,
    served: audited.has(provider.issuer) ? 'not asked' : servedBy(answer, isOnline),
  }));
}

/** Answer of an issuer; undefined if it was not asked. */
type DiscoveryAnswer = Extract<IssuerFacts['discovery'], { state: 'read' }>['value'] | undefined;

function discoveryAnswer({ discovery }: IssuerFacts): DiscoveryAnswer {
  return discovery.state === 'read' ? discovery.value : undefined;
}

/** A fault of this machine, or one that may pass, does not prove that the issuer is gone. */
function servedBy(answer: DiscoveryAnswer, isOnline: boolean): AuditProvider['served'] {
  if (answer === undefined) return 'not asked';
  if ('reason' in answer) return isOnline && answer.reason !== 'proxy' ? { no: answer.said } : 'not asked';
  if (answer.status === 200) return 'yes';
  return answer.status === 429 || answer.status >= 500 ? 'not asked' : { no: `it answered ${answer.status}` };
}

async function listInstanceProfileRoles(iam: IAMClient): Promise<readonly string[]> {
  try {
    const arns = new Set<string>();
    for await (const { InstanceProfiles: page = [] } of paginateListInstanceProfiles({ client: iam }, {}))
      for (const { Roles: roles = [] } of page) for (const { Arn } of roles) if (Arn) arns.add(Arn);
    return [...arns];
  } catch (thrown) {
    throw iamError(thrown, { operation: 'ListInstanceProfiles', object: 'instance profiles of the account' });
  }
}

/** Most roles whose last use is asked for: each takes a call, and IAM throttles the account. */
const MAX_LAST_USES = 2_000;

/** Adds the last use of roles that trust a web identity. The first refusal ends the reads. */
async function withLastUse(
  { iam, progress }: AuditedIamInput,
  roles: readonly ListedRole[],
  unread: Unread,
): Promise<readonly AuditRole[]> {
  const unasked = roles.map((role) => ({ ...role, lastUsedAt: 'unknown' as const }));
  const { byProvider, ofEveryProvider } = indexTrustingRoles(unasked);
  const trusting = [...byProvider.values()].flat().concat(ofEveryProvider);
  const wanted = [...new Set(trusting.map(({ role }) => role))];
  const asked = wanted.slice(0, MAX_LAST_USES);
  const found = new Map<string, AuditRole['lastUsedAt']>();
  let refusal: PodroleError | undefined;
  const read = async ({ arn, name }: ListedRole) => {
    if (refusal) return;
    try {
      found.set(arn, (await readRoleLastUsed(iam, name)) ?? 'never');
    } catch (thrown) {
      if (!(thrown instanceof PodroleError)) throw thrown;
      refusal ??= thrown;
    }
  };
  await mapLimited(asked, IAM_READS_AT_ONCE, read, (done) =>
    progress.show('reading the last use of roles', done, asked.length),
  );
  if (refusal) unread.add(`last use of roles: ${whyUnread(refusal)}; without it: which roles nobody uses`);
  if (wanted.length > MAX_LAST_USES)
    unread.add(`last use of roles: asked for ${MAX_LAST_USES} of ${wanted.length}`);
  return unasked.map((role) => ({ ...role, lastUsedAt: found.get(role.arn) ?? role.lastUsedAt }));
}
