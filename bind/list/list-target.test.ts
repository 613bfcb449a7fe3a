import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBindSite } from '../../testing/bind/bind-site.ts';
import { addTargetRole, OF_EC2 } from '../../testing/bind/target-role.ts';
import { runCli } from '../../testing/processes/cli.ts';

const TARGET = 'arn:aws:iam::111122223333:role/reports';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';

const site = useBindSite();

const list = (...args: string[]) => runCli(['list', '--kube-api', site.cluster.url, ...args]);

async function bind(...args: string[]): Promise<void> {
  addTargetRole(site.iam, 'reports', OF_EC2);
  const flags = ['--role-name', 'shop-web', '--cluster-name', 'one', '--thumbprint', 'a'.repeat(40)];
  await site.podrole(
    'bind',
    '-n',
    'shop',
    'web',
    '--target-role-arn',
    TARGET,
    ...flags,
    ...args,
    '--approve',
  );
  const object = site.cluster.objects.get(ACCOUNT) ?? assert.fail('ServiceAccount shop/web does not exist');
  site.cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', ...object });
}

const edit = (from: string, to: string) => {
  const role = site.iam.roles.get('reports') ?? assert.fail('role reports does not exist');
  assert.ok(role.trustPolicy.includes(from));
  role.trustPolicy = role.trustPolicy.replace(from, to);
};
const setTarget = (arn: string) => {
  const object = structuredClone(site.cluster.objects.get(ACCOUNT));
  const metadata = object?.['metadata'] as { annotations: Record<string, string> };
  metadata.annotations['podrole.dev/target-role-arn'] = arn;
  site.cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', ...object });
};

const ROWS: readonly (readonly [
  name: string,
  drift: () => void,
  state: string,
  exitCode: number,
  flags?: readonly string[],
])[] = [
  ['bound by podrole', () => {}, 'trusts', 0],
  ['the cluster has another name', () => {}, 'external id wrong', 1, ['--cluster-name', 'two']],
  ['the statement is gone', () => addTargetRole(site.iam, 'reports', OF_EC2), 'does not trust', 1],
  [
    'the external id is of another ServiceAccount',
    () => edit('one/shop/web', 'one/shop/job'),
    'external id wrong',
    1,
  ],
  [
    'a tag is of another namespace',
    () => edit('kubernetes-namespace":"shop', 'kubernetes-namespace":"ops'),
    'tags wrong',
    1,
  ],
  ['TagSession is missing', () => edit(',"sts:TagSession"', ''), 'no TagSession', 1],
  [
    'the role was deleted',
    () => edit('arn:aws:iam::111122223333:role/shop-web', 'AROAEXAMPLEEXAMPLE77'),
    'role deleted',
    1,
  ],
  ['the target was deleted', () => site.iam.roles.delete('reports'), 'no role', 1],
  ['another account', () => setTarget('arn:aws:iam::444455556666:role/reports'), 'other account', 0],
  ['not an ARN', () => setTarget('reports'), 'not an ARN', 1],
];
for (const [name, drift, state, exitCode, flags = []] of ROWS) {
  test(`a listed target role: ${name}: ${state}`, async () => {
    await bind();
    drift();
    const answer = await list('-o', 'json', '--exit-code', ...flags);
    const [row] = JSON.parse(answer.stdout);
    assert.equal(row.state, 'bound', answer.stderr);
    assert.equal(row.target.state, state, JSON.stringify(row.target.details));
    assert.equal(answer.exitCode, exitCode);
  });
}

test('the table has the target role in a line of its own', async () => {
  await bind('--session-tags=false');
  assert.match(
    (await list()).stdout,
    /^shop +web +bound +arn:.*shop-web\n {4}target role arn:aws:iam::111122223333:role\/reports, without session tags: trusts\n/m,
  );
});
