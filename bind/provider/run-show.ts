import { DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { PodroleError } from '../../lib/errors.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import { printable } from '../../lib/text/printable.ts';
import { collectProvider } from '../facts/collect-provider.ts';
import { findIssuer } from '../find-issuer.ts';
import { findAccount } from '../iam/find-account.ts';
import { listProviderArns } from '../iam/read-provider.ts';
import { providerArnOf } from '../names.ts';
import { nearMisses } from '../plan/near-miss.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { withIamAndCluster } from '../with-iam-and-cluster.ts';
import { describeProvider } from './describe-provider.ts';
import type { ShowProviderSettings } from './settings.ts';

/**
 * Runs `podrole provider show`.
 * @returns true if STS can use the provider for the cluster's tokens
 * @throws PodroleError `NO_PROVIDER` with near misses; the refusals of IAM
 */
export async function runShowProvider(
  settings: ShowProviderSettings,
  surroundings: BindSurroundings,
): Promise<boolean> {
  const { env, signal, stdout } = surroundings;
  const clientIds = settings.clientId.length > 0 ? settings.clientId : [DEFAULT_TOKEN_AUDIENCE];
  return withIamAndCluster(settings, env, async ({ iam, cluster }) => {
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const arn = providerArnOf(issuer, await findAccount(settings, env, iam));
    const accountArns = await listProviderArns(iam);
    if (!accountArns.includes(arn)) throw missing(arn, nearMisses(issuer, accountArns));
    const question = { thumbprints: settings.thumbprint, compareServed: true, signal, way: { env } };
    const { facts, thumbprints, notes } = await collectProvider(iam, { arn, issuer, clientIds }, question);
    if (!facts) throw missing(arn, []);
    const described = describeProvider(facts, clientIds, thumbprints, notes);
    stdout.write(
      settings.output === 'text' ? asText(described) : renderForPrograms(described, settings.output),
    );
    return described.problems.length === 0;
  });
}

function missing(arn: string, near: readonly string[]): PodroleError {
  const similar =
    near.length > 0
      ? `; ${near.join(', ')} differs only in case or slashes and serves none of the tokens`
      : '';
  return new PodroleError({
    code: 'NO_PROVIDER',
    object: `OIDC provider ${arn}`,
    problem: `does not exist${similar}`,
    remedy: 'run podrole provider ensure --approve',
  });
}

function asText(described: ReturnType<typeof describeProvider>): string {
  const { arn, url, clientIds, thumbprints, servedThumbprints, tags, created, problems, notes } = described;
  const rows = [
    ['ARN', arn],
    ['URL', url],
    ['client IDs', clientIds.join(', ')],
    ['thumbprints', thumbprints.join(', ')],
    ['served chain', servedThumbprints.join(', ') || 'unknown'],
    [
      'tags',
      Object.entries(tags)
        .map((pair) => pair.join('='))
        .join(', '),
    ],
    ['created', created ?? ''],
    ...problems.map((problem) => ['problem', problem]),
    ...notes.map((note) => ['note', note]),
  ];
  return rows
    .map(([name = '', value = '']) => `${name.padEnd(14)}${printable(value)}`.trimEnd())
    .join('\n')
    .concat('\n');
}
