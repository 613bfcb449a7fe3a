import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { systemClock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { Outcome } from '../../lib/outcome.ts';
import type { Env, IsColored, Output, Progress } from '../../lib/surroundings.ts';
import { compareText } from '../../lib/text/compare.ts';
import { painter } from '../../lib/text/paint.ts';
import { apiServerKeys } from '../../oidc/sources/api-server-keys.ts';
import { findAccount } from '../iam/find-account.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { readProvider } from '../iam/read-provider.ts';
import { listRoles } from '../iam/read-role.ts';
import { providerArnOf } from '../names.ts';
import { withIamAndCluster } from '../with-iam-and-cluster.ts';
import { type AskedRows, askedOf, refuseMissing, rowsNamed } from './asked-rows.ts';
import { markBareRoles } from './bare-roles.ts';
import { type BindingRow, isHealthy } from './binding-row.ts';
import { joinServiceAccounts, type ListContext, type ListedServiceAccount } from './join-bindings.ts';
import { joinPodRoles } from './join-pods.ts';
import { joinRoles, unnamedRoles } from './join-roles.ts';
import { readPodRoles } from './pod-roles.ts';
import { readTaggedRoles } from './read-roles.ts';
import { renderTable } from './render-table.ts';
import type { ListSettings } from './settings.ts';

export interface ListSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly isColored: IsColored;
  readonly progress: Progress;
}

const TIMEOUT_MS = 30_000;
/** The list shows the account of the credentials. */
const OWN_ACCOUNT = { accountId: undefined, partition: undefined };

/**
 * Runs `podrole list`, which changes nothing. It reads one list of ServiceAccounts, the pages of ListRoles,
 * the OIDC provider of the issuer, ListRoleTags for each role that trusts an OIDC provider and that no
 * ServiceAccount names, and the policies of each bound role.
 * @param operands ServiceAccounts to list; default: all
 * @returns `changes` with --exit-code if a row is not healthy
 * @throws PodroleError if cluster or IAM cannot be read, `SERVICE_ACCOUNT_MISSING`
 */
export async function runList(
  settings: ListSettings,
  surroundings: ListSurroundings,
  operands: readonly string[] = [],
): Promise<Outcome> {
  const { stdout, stderr, env, signal, isColored, progress } = surroundings;
  const asked = askedOf(settings, operands);
  return withIamAndCluster({ ...settings, ...OWN_ACCOUNT }, env, async ({ iam, cluster }) => {
    const client = cluster();
    const issuer = settings.issuer ?? (await apiServerKeys(client).readIssuer(signal));
    const serviceAccounts = await readServiceAccounts(client, asked.namespace, { signal, progress });
    const roles = await listRoles(iam, (done) => progress.show('reading roles', done));
    const { composeRoleArn, annotationPrefix } = settings;
    const { accountId = '', partition = '' } = composeRoleArn ? await findAccount(settings, env, iam) : {};
    const context: ListContext = {
      issuer,
      audience: settings.tokenAudience,
      annotationPrefix,
      composeRoleArn,
      accountId,
      partition,
      awsDefaultRegion: '',
      now: systemClock.now(),
      clusterName: settings.clusterName,
      clientIds: await readClientIds(iam, issuer, roles, (line) => stderr.write(`note: ${line}\n`)),
    };
    const ofPods = await rowsOfPods(client, asked.namespace, {
      settings,
      serviceAccounts,
      roles,
      context,
      signal,
    });
    const namedByPods = ofPods.flatMap(({ roleArn }) => roleArn ?? []);
    const others = unnamedRoles(roles, serviceAccounts, context, namedByPods);
    const unnamed = await readTaggedRoles(iam, others, progress);
    const joined = [
      ...joinServiceAccounts(serviceAccounts, roles, context),
      ...ofPods,
      ...joinRoles(unnamed, serviceAccounts, context),
    ].filter(whatIsAsked(asked));
    refuseMissing(asked.named, joined);
    const rows = [...(await markBareRoles(joined, iam, progress))];
    rows.sort((a, b) => compareText(sortKey(a), sortKey(b)));
    progress.clear();
    stdout.write(
      settings.output === 'table'
        ? renderTable(rows, painter(isColored.stdout))
        : renderForPrograms(rows, settings.output),
    );
    return settings.exitCode && !rows.every(isHealthy) ? 'changes' : 'done';
  });
}

interface ForPods {
  readonly settings: Pick<ListSettings, 'podRoleAnnotation' | 'baseRoleArn'>;
  readonly serviceAccounts: readonly ListedServiceAccount[];
  readonly roles: readonly RoleSummary[];
  readonly context: ListContext;
  readonly signal: AbortSignal;
}

/** Reads pods only if they may name a role. */
async function rowsOfPods(
  client: ApiClient,
  namespace: string | undefined,
  { settings, serviceAccounts, roles, context, signal }: ForPods,
): Promise<readonly BindingRow[]> {
  const { podRoleAnnotation, baseRoleArn } = settings;
  if (podRoleAnnotation === undefined) return [];
  const limits = { timeoutMs: TIMEOUT_MS, signal };
  const named = await readPodRoles(client, { key: podRoleAnnotation, namespace }, limits);
  return joinPodRoles(named, serviceAccounts, roles, { ...context, podRoleAnnotation, baseRoleArn });
}

/** A user who may list roles but not read the provider still gets the list. */
async function readClientIds(
  iam: IAMClient,
  issuer: string,
  [role]: readonly RoleSummary[],
  notice: (line: string) => void,
): Promise<ListContext['clientIds']> {
  const arn = parseRoleArn(role?.arn ?? '');
  if (!arn) return 'unknown';
  try {
    const account = { accountId: arn.account, partition: arn.partition };
    return (await readProvider(iam, providerArnOf(issuer, account)))?.clientIds ?? 'no provider';
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    if (!thrown.faults.every(({ code }) => NOT_READ.some((known) => known === code))) throw thrown;
    notice(`the audiences of the tokens are not compared with the client IDs: ${thrown.message}`);
    return 'unknown';
  }
}

/** These credentials may not read the provider, or the server lacks the call. */
const NOT_READ = ['IAM_ACCESS_DENIED', 'IAM_UNSUPPORTED'];

async function readServiceAccounts(
  client: ApiClient,
  namespace: string | undefined,
  { signal, progress }: Pick<ListSurroundings, 'signal' | 'progress'>,
): Promise<readonly ListedServiceAccount[]> {
  const ofNamespace = namespace === undefined ? [] : ['namespaces', namespace];
  const path = apiPath('/api/v1', ...ofNamespace, 'serviceaccounts');
  const found: ListedServiceAccount[] = [];
  for await (const object of listObjects(client, path, {}, { timeoutMs: TIMEOUT_MS, signal })) {
    const metadata = metadataOf(object);
    const annotations = Object.entries(asObject(metadata?.['annotations']) ?? {}).map(([key, value]) => [
      key,
      asText(value) ?? '',
    ]);
    found.push({
      namespace: asText(metadata?.['namespace']) ?? '',
      name: asText(metadata?.['name']) ?? '',
      annotations: Object.fromEntries(annotations),
    });
    progress.show('reading ServiceAccounts', found.length);
  }
  return found;
}

function whatIsAsked({ all, namespace, named }: AskedRows): (row: BindingRow) => boolean {
  if (named.length > 0) return rowsNamed(named);
  return (row) => {
    // A role that lets in too many concerns every namespace.
    const isElsewhere = namespace !== undefined && row.namespace !== namespace && row.namespace !== undefined;
    if (isElsewhere) return false;
    const isOther = row.state === 'foreign issuer' && row.serviceAccount === undefined;
    return all || !(row.state === 'unbound' || isOther);
  };
}

function sortKey({ namespace = '', serviceAccount = '', roleArn = '' }: BindingRow): string {
  return `${namespace}/${serviceAccount}/${roleArn}`;
}
