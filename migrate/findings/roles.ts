import { providerArnOf } from '../../bind/names.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { awsPrincipalsOf } from '../join/trusted-principals.ts';
import type { MigrationFinding } from '../model.ts';
import type { FindingInput } from './finding-input.ts';
import { findingsAbout, someOf } from './make-finding.ts';

/** Finds roles that do not exist, are elsewhere, or whose trust policies need a person. */
export function findInRoles(input: FindingInput): readonly MigrationFinding[] {
  const { facts, named } = input;
  const index = {
    byName: new Map(facts.iam.roles?.map(({ name, arn }) => [name, arn])),
    withExternalId: new Set(
      named.filter(({ source }) => source.externalId !== undefined).map(({ roleArn }) => roleArn),
    ),
  };
  return [...missingProvider(input), ...input.joined.flatMap((each) => findInRole(each, input, index))];
}

/** Indices for many look-ups. */
interface RoleIndex {
  /** ARNs by the name of the role, which is unique in an account. */
  readonly byName: ReadonlyMap<string, string>;
  /** Roles for which a pod gives an external ID. */
  readonly withExternalId: ReadonlySet<string | undefined>;
}

function findInRole(
  { role, verdicts }: FindingInput['joined'][number],
  { facts, proxyRoleArn }: FindingInput,
  { byName, withExternalId }: RoleIndex,
): readonly MigrationFinding[] {
  const { arn, exists, trustPolicy, trustsProxy } = role;
  const found = findingsAbout(`Role ${arn}`);
  const { account } = facts.iam;
  const ofRole = parseRoleArn(arn)?.account;
  if (exists === false) return [found.decide(missingRole(arn, byName))];
  const findings: MigrationFinding[] = [];
  if (account && ofRole !== undefined && ofRole !== account.accountId)
    findings.push(
      found.decide({
        text: `is in account ${ofRole}, which was not read`,
        remedy: `create an OIDC provider for the issuer there too, and plan with credentials of that account: --account-id ${ofRole}`,
      }),
    );
  const doubts = [...verdicts].filter(([, { verdict }]) => verdict === 'restricted');
  if (doubts.length > 0)
    findings.push(
      found.decide({
        text: `lets in ${someOf(doubts.map(([key]) => key))} under conditions that podrole cannot check: ${doubts[0]?.[1].reasons[0] ?? ''}`,
        remedy: 'check that they hold for web identity',
      }),
    );
  const asksForExternalId = awsPrincipalsOf(trustPolicy).some((each) => each.asksForExternalId);
  if (asksForExternalId && !withExternalId.has(arn))
    findings.push(
      found.note({
        text: 'asks for an external ID, which no pod that uses it gives',
        remedy: 'nothing is to do: the statement for the ServiceAccount needs none',
      }),
    );
  if (trustsProxy === false)
    findings.push(
      found.note({
        text: `does not trust the role of the proxy, ${proxyRoleArn}, so its pods have no credentials today`,
        remedy: 'check --proxy-role-arn, and whether the pods need the role',
      }),
    );
  return findings;
}

function missingRole(arn: string, byName: RoleIndex['byName']): Pick<MigrationFinding, 'text' | 'remedy'> {
  const elsewhere = byName.get(parseRoleArn(arn)?.name ?? '');
  return elsewhere === undefined
    ? { text: 'does not exist, so its pods have no credentials today', remedy: 'remove the annotations' }
    : { text: `does not exist; ${elsewhere} does`, remedy: 'write the path too in the annotations' };
}

function missingProvider({ facts }: FindingInput): readonly MigrationFinding[] {
  const { issuer, iam } = facts;
  if (issuer === undefined || !iam.providerArns || !iam.account) return [];
  const arn = providerArnOf(issuer, iam.account);
  if (iam.providerArns.includes(arn)) return [];
  return [
    findingsAbout(`Issuer ${issuer}`).decide({
      text: `has no OIDC provider in account ${iam.account.accountId}: STS takes none of its tokens yet`,
      remedy: 'run podrole up, or podrole provider ensure, before the first step',
    }),
  ];
}
