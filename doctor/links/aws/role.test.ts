import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awsChain,
  CHAIN_ACCOUNT,
  CHAIN_ROLE,
  type ChainChanges,
  chainCall,
  chainRole,
  DENIED,
} from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { role } from './role.ts';

const ARN = `arn:aws:iam::${CHAIN_ACCOUNT}:role`;
const missing = (...others: readonly string[]): ChainChanges => ({
  aws: { role: ABSENT, roleArns: read(others) },
});
const BIND = 'podrole bind -n shop web';
const rebind = (arn: string) =>
  `${BIND} --attach-role-arn ${arn} --override-existing-serviceaccounts --restart --approve`;
const create = `${BIND} --role-name web --role-path /team/ --approve`;

const CASES: readonly (readonly [
  name: string,
  changes: ChainChanges,
  state: string,
  code?: string,
  command?: string,
])[] = [
  ['as it should be', {}, 'ok'],
  ['gone', missing(), 'broken', 'ROLE_MISSING', create],
  [
    'gone, and the list may not be read',
    { aws: { role: ABSENT, roleArns: DENIED } },
    'broken',
    'ROLE_MISSING',
    create,
  ],
  ['gone, with others', missing(`${ARN}/payments`), 'broken', 'ROLE_MISSING', create],
  ['mistyped', missing(`${ARN}/team/wep`), 'broken', 'ROLE_NEAR_MISS', rebind(`${ARN}/team/wep`)],
  ['another case', missing(`${ARN}/team/Web`), 'broken', 'ROLE_NEAR_MISS', rebind(`${ARN}/team/Web`)],
  [
    'another path',
    { aws: { role: read(chainRole({ arn: `${ARN}/web` })) } },
    'broken',
    'ROLE_OTHER_PATH',
    rebind(`${ARN}/web`),
  ],
  [
    'the path forgotten in the annotation',
    { chain: { grant: { roleArn: `${ARN}/web`, audience: 'sts.amazonaws.com' } } },
    'broken',
    'ROLE_OTHER_PATH',
    rebind(CHAIN_ROLE),
  ],
  ['it may not be read', { aws: { role: DENIED } }, 'unknown'],
  ['no answer', { aws: { role: { state: 'failed', said: 'no answer' } } }, 'unknown'],
  ['no role', { chain: { grant: undefined } }, 'unknown'],
  ['tags on AWS', { aws: { role: read(chainRole({ tags: { team: 'shop' } })) } }, 'ok'],
];
for (const [name, changes, state, code, command] of CASES) {
  test(`${name}: ${code ?? state}`, () => {
    const [finding, ...more] = role.judge(awsChain(changes));
    assert.deepEqual([finding.state, finding.code], [state, code]);
    if (command !== undefined) assert.deepEqual(finding.remedy?.commands, [command]);
    assert.equal(more.length, 0);
  });
}

for (const [accountId, partition] of [
  ['999999999999', 'aws'],
  [CHAIN_ACCOUNT, 'aws-cn'],
] as const) {
  test(`credentials of ${accountId} in ${partition}`, () => {
    const why = 'the role is elsewhere';
    const aws = { account: read({ accountId, partition }), role: { state: 'not asked', why } as const };
    const [finding] = role.judge(awsChain({ aws }));
    assert.equal(finding.state, 'unknown');
    assert.match(finding.found, /elsewhere/);
    assert.match(finding.remedy?.text ?? '', /account 111122223333 in partition aws,/);
  });
}

test('a role of another account: broken only if STS refuses it and the own account has one of that name', () => {
  const why = 'the role is in another account';
  const own = 'arn:aws:iam::999999999999:role/web';
  const account = read({ accountId: '999999999999', partition: 'aws' });
  const aws = { account, role: { state: 'not asked', why } as const };
  const outcome = { kind: 'refused', status: 403, code: 'AccessDenied', said: '' } as const;
  const refused = read(chainCall({ outcome }));
  const [finding] = role.judge(awsChain({ aws: { ...aws, exchange: refused, roleArns: read([own]) } }));
  assert.deepEqual([finding.state, finding.code], ['broken', 'ROLE_OTHER_ACCOUNT']);
  assert.deepEqual(finding.remedy?.commands, [
    `${BIND} --attach-role-arn ${own} --override-existing-serviceaccounts --restart --approve`,
  ]);
  const throttled = read(chainCall({ outcome: { ...outcome, code: 'Throttling' } }));
  for (const others of [
    { exchange: refused, roleArns: ABSENT },
    { exchange: refused, roleArns: DENIED },
    { exchange: throttled, roleArns: read([own]) },
    { exchange: read(chainCall()), roleArns: read([own]) },
  ])
    assert.equal(role.judge(awsChain({ aws: { ...aws, ...others } }))[0].state, 'unknown');
});

test('tags of a role in radosgw', () => {
  const roleArn = 'arn:aws:iam::tenant1:role/web';
  const found = chainRole({ arn: roleArn, tags: { 'podrole.dev/managed-by': 'podrole', a: 'b' } });
  const chain = { grant: { roleArn, audience: 'sts.amazonaws.com' } };
  const [finding] = role.judge(awsChain({ aws: { role: read(found) }, chain }));
  assert.deepEqual([finding.state, finding.code], ['warning', 'ROLE_HAS_TAGS']);
  assert.deepEqual(finding.remedy?.commands, [
    'aws iam untag-role --role-name web --tag-keys podrole.dev/managed-by a',
  ]);
});

test('the command of a chain with settings of its own', () => {
  const changes: ChainChanges = {
    ...missing(),
    chain: {
      container: 'fluentd',
      grant: { roleArn: `${ARN}/web`, audience: 'vault/fluentd' },
      settings: { annotationPrefix: 'irsa.example.com', tokenAudience: 'vault' },
    },
  };
  assert.deepEqual(role.judge(awsChain(changes))[0].remedy?.commands, [
    `${BIND} --container fluentd --role-name web --annotation-prefix irsa.example.com --token-audience vault --approve`,
  ]);
});

test('an annotation that is only the name of a role', () => {
  const serviceAccount = read({
    namespace: 'shop',
    name: 'web',
    uid: 'u',
    createdAt: '',
    annotations: { 'eks.amazonaws.com/role-arn': 'team/web' },
  });
  const [finding] = role.judge(awsChain({ ...missing(), cluster: { serviceAccount } }));
  assert.match(finding.remedy?.commands[0] ?? '', / --compose-role-arn --approve$/);
});
