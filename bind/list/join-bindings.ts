import { completeRoleArn, decideRoles, type RoleSettings } from '../../identity/roles.ts';
import { hasTrustPolicy, parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { providerArnOf } from '../names.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import type { BindingRow } from './binding-row.ts';
import { judgeTrust } from './judge-trust.ts';
import { targetCell } from './target-cell.ts';

export interface ListedServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Values that all rows have in common. */
export interface ListContext extends RoleSettings {
  /** Issuer of the cluster, with `https://`. */
  readonly issuer: string;
  /** Audience of tokens whose ServiceAccount names none. */
  readonly audience: string;
  /** For conditions on the time. */
  readonly now: Date;
  /** Client IDs of the issuer's OIDC provider; `unknown` if these credentials may not read it. */
  readonly clientIds: readonly string[] | 'no provider' | 'unknown';
  /** Name of the cluster in external ids; left out: any is taken for right. */
  readonly clusterName?: string | undefined;
}

/** A role that a ServiceAccount gives to its pods, or to one container of them. */
export interface AnnotatedRole {
  readonly container?: string;
  readonly roleArn: string;
  readonly audience: string;
}

/**
 * Returns the rows of ServiceAccounts, each compared with the role of its annotation, and a row for each
 * container with a role of its own.
 */
export function joinServiceAccounts(
  serviceAccounts: readonly ListedServiceAccount[],
  roles: readonly RoleSummary[],
  context: ListContext,
): readonly BindingRow[] {
  const known = knownRoles(roles);
  return serviceAccounts.flatMap((serviceAccount): readonly BindingRow[] => {
    const { namespace, name } = serviceAccount;
    const row = { namespace, serviceAccount: name };
    const annotated = annotatedRoles(serviceAccount, context);
    if (!annotated) return [{ ...row, roleArn: undefined, state: 'unbound', details: [] }];
    return [
      ...annotated.roles.map(({ container, ...role }) => ({
        ...row,
        ...(container === undefined ? {} : { container }),
        roleArn: role.roleArn,
        ...judgeBinding(serviceAccount, role, known, context),
        ...(container === undefined
          ? targetCell(
              { ...row, annotations: serviceAccount.annotations, roleArn: role.roleArn },
              known,
              context,
            )
          : {}),
      })),
      ...annotated.problems.map((problem) => ({ ...row, ...problem, state: 'no role' as const })),
    ];
  });
}

/** Returns the ARNs of the roles that a ServiceAccount's pods and containers get. */
export function namedRoleArns(
  serviceAccount: ListedServiceAccount,
  context: RoleSettings,
): readonly string[] {
  const annotated = annotatedRoles(serviceAccount, { ...context, audience: '' });
  return (annotated?.roles ?? []).map(({ roleArn }) => roleArn);
}

interface AnnotatedRoles {
  readonly roles: readonly AnnotatedRole[];
  /** Roles that are not given, because their annotation is malformed. */
  readonly problems: readonly (Pick<BindingRow, 'roleArn' | 'details'> & { readonly container?: string })[];
}

const NOT_AN_ARN = ['the annotation is not the ARN of a role'];

/** Reads the annotations as the webhook does; undefined if they name no role. */
export function annotatedRoles(
  { namespace, name, annotations }: ListedServiceAccount,
  context: RoleSettings & Pick<ListContext, 'audience'>,
): AnnotatedRoles | undefined {
  const annotation = (key: 'roleArn' | 'audience') =>
    annotations[annotationKey(context.annotationPrefix, key)];
  const given = annotation('roleArn');
  const decision = decideRoles({
    object: `ServiceAccount ${namespace}/${name}`,
    annotations,
    audience: annotation('audience') ?? context.audience,
    expirationSeconds: 0,
    settings: context,
  });
  if (!decision) return undefined;
  const { role, containerRoles, withheld, warnings } = decision;
  const isMalformed = given !== undefined && !parseRoleArn(completeRoleArn(given, context));
  const isUnclear = !role && containerRoles.length === 0 && withheld.length === 0;
  return {
    roles: [
      ...(role ? [{ roleArn: role.roleArn, audience: role.token.audience }] : []),
      ...containerRoles.map(({ container, roleArn, token }) => ({
        container,
        roleArn,
        audience: token.audience,
      })),
    ],
    problems: [
      ...(role || (!given && !isUnclear)
        ? []
        : [{ roleArn: given, details: isMalformed ? NOT_AN_ARN : warnings }]),
      ...withheld.map((container) => ({
        container,
        roleArn: undefined,
        details: ['its entry of the annotation is not the ARN of a role'],
      })),
    ],
  };
}

interface KnownRoles {
  readonly byArn: ReadonlyMap<string, RoleSummary>;
  readonly byName: ReadonlyMap<string, RoleSummary>;
  /** Any role that these credentials see. */
  readonly example: RoleArn | undefined;
}

export function knownRoles(roles: readonly RoleSummary[]): KnownRoles {
  return {
    byArn: new Map(roles.map((role) => [role.arn, role])),
    byName: new Map(roles.map((role) => [role.name, role])),
    example: parseRoleArn(roles[0]?.arn ?? ''),
  };
}

/** Returns whether a role lets in the tokens of a ServiceAccount that names it. */
export function judgeBinding(
  { namespace, name }: Pick<ListedServiceAccount, 'namespace' | 'name'>,
  { roleArn, audience }: AnnotatedRole,
  { byArn, byName, example }: KnownRoles,
  context: ListContext,
): Pick<BindingRow, 'state' | 'details'> {
  const arn = parseRoleArn(roleArn);
  const role = byArn.get(roleArn);
  if (!role || !arn) {
    const place = arn && elsewhere(arn, example);
    if (place !== undefined) return { state: 'other account', details: [place] };
    const twin = byName.get(arn?.name ?? '');
    const details = ['IAM has no such role', ...(twin ? [`the role of that name is ${twin.arn}`] : [])];
    return { state: 'no role', details };
  }
  const { issuer, clientIds, now } = context;
  const providerArn = providerArnOf(issuer, { accountId: arn.account, partition: arn.partition });
  const subject = subjectOf(namespace, name);
  const verdict = judgeTrust(
    role.trustPolicy,
    { issuer, providerArn, subject, isPattern: false, audience },
    now,
  );
  const fault = providerFault(clientIds, audience, issuer);
  if (fault === undefined) return verdict;
  const { state, details } = verdict;
  return { state: state === 'wildcard' ? state : 'drifted', details: [fault, ...details] };
}

/** STS looks for the audience among the client IDs before it reads the trust policy. */
function providerFault(
  clientIds: ListContext['clientIds'],
  audience: string,
  issuer: string,
): string | undefined {
  if (clientIds === 'no provider') return `IAM has no OIDC provider for ${issuer}`;
  return clientIds === 'unknown' || clientIds.includes(audience)
    ? undefined
    : `the OIDC provider for ${issuer} has no client ID ${audience}`;
}

/**
 * Returns where a role is, if these credentials cannot see it.
 * @param known any role that they see
 */
function elsewhere(role: RoleArn, known: RoleArn | undefined): string | undefined {
  if (!hasTrustPolicy(role)) return 'the role is in MinIO, which has no IAM';
  if (known === undefined || role.account === known.account) return undefined;
  const account = known.account === '' ? "Ceph's default tenant" : `account ${known.account}`;
  return `these credentials are for ${account}`;
}
