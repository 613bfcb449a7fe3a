import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  auditFacts,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../testing/doctor/audit-facts.ts';
import { chainFactsSchema } from '../facts/chain-facts.ts';
import { LINKS } from '../judge/links.ts';
import { chainFactsOf, judgeChains } from './judge-chains.ts';

const WEB = auditRoleArn('web');
const web = auditServiceAccount('shop/web', WEB);
const log = {
  ...auditServiceAccount('shop/log'),
  annotations: { 'podrole.dev/container-roles': `fluentd=${auditRoleArn('log')}` },
};

test('each role of a ServiceAccount has a chain, with a finding per link at least', () => {
  const chains = judgeChains(
    auditFacts({ cluster: { serviceAccounts: [web, log, auditServiceAccount('shop/none')] } }),
  );
  assert.deepEqual(
    chains.map(({ serviceAccount, container, roleArn }) => [serviceAccount, container, roleArn]),
    [
      ['web', undefined, WEB],
      ['log', 'fluentd', auditRoleArn('log')],
    ],
  );
  for (const { findings } of chains)
    assert.deepEqual(
      [...new Set(findings.map(({ link }) => link))],
      LINKS.map(({ id }) => id).filter((id) => id !== 'target'),
    );
});

test('the target role of a ServiceAccount is judged from the list of roles', () => {
  const targetOfWeb = (name: string) => ({
    ...web,
    annotations: { ...web.annotations, 'podrole.dev/target-role-arn': auditRoleArn(name) },
  });
  const roles = [auditRole('web', trusts('shop/web')), auditRole('reports', trusts('shop/job'))];
  const codesOf = (name: string) =>
    judgeChains(auditFacts({ cluster: { serviceAccounts: [targetOfWeb(name)] }, iam: { roles } }))
      .flatMap(({ findings }) => findings)
      .filter(({ link }) => link === 'target')
      .map(({ code }) => code);
  assert.deepEqual(codesOf('reports'), ['TARGET_DOES_NOT_TRUST']);
  assert.deepEqual(codesOf('gone'), ['TARGET_MISSING']);
});

/** Each case: the world, and the states of role and provider among the facts of its chain. */
const CASES: readonly (readonly [
  name: string,
  world: Parameters<typeof auditFacts>[0],
  states: readonly string[],
])[] = [
  ['all there', { iam: { roles: [auditRole('web', trusts('shop/web'))] } }, ['read', 'read', 'read']],
  ['no role', {}, ['absent', 'read', 'read']],
  ['no provider', { iam: { providers: [] } }, ['absent', 'absent', 'read']],
  [
    'no right in IAM',
    { iam: { roles: undefined, providers: undefined } },
    ['not asked', 'not asked', 'read'],
  ],
  [
    'another account',
    { iam: { account: { accountId: '444455556666', partition: 'aws' } } },
    ['not asked', 'not asked', 'read'],
  ],
  ['no account', { iam: { account: undefined } }, ['not asked', 'not asked', 'not asked']],
  ['no issuer', { cluster: { issuer: undefined } }, ['absent', 'not asked', 'read']],
];

for (const [name, world, states] of CASES) {
  test(`facts of a chain say only what the lists prove: ${name}`, () => {
    const facts = auditFacts({ ...world, cluster: { ...world?.cluster, serviceAccounts: [web] } });
    const [found] = [...chainFactsOf(facts)];
    assert.ok(found);
    const { role, provider, account, exchange } = found.aws;
    assert.deepEqual([role.state, provider.state, account.state], states);
    assert.equal(exchange.state, 'not asked');
    assert.equal(found.cluster.token.state, 'not asked');
    // They are the facts that doctor saves and reads.
    assert.ok(chainFactsSchema.safeParse(found).success);
  });
}

test('what an audit does not ask for breaks nothing', () => {
  const facts = auditFacts({
    cluster: { serviceAccounts: [web] },
    iam: { roles: [auditRole('web', trusts('shop/web'))] },
  });
  const [chain] = judgeChains(facts);
  const broken = chain?.findings.filter(({ state }) => state === 'broken') ?? [];
  assert.deepEqual(
    broken.map(({ link, found }) => `${link}: ${found}`),
    [],
  );
});
