import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BIND_WEB, STATEMENT, useBinds } from '../testing/bind/run-binds.ts';
import { runCli } from '../testing/processes/cli.ts';

/** Explicit removals, and the lines of the plan that stand out. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const EBS = 'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy';
const NEW = 'https://oidc.example.test/two';
const WEB = BIND_WEB;

const { site, policyFile, run, bindingsFile } = useBinds();

type Removal = readonly [
  name: string,
  earlier: readonly string[],
  now: readonly string[],
  /** The line of the plan that says so. */
  line: RegExp,
];
const REMOVALS: readonly Removal[] = [
  [
    "--attach-policy-arn ''",
    ['--attach-policy-arn', READ_ONLY],
    ['--attach-policy-arn', ''],
    /^- REMOVAL: role shop-web: detach .*ReadOnlyAccess, which podrole attached$/m,
  ],
  [
    '--attach-policy-arn with another',
    ['--attach-policy-arn', READ_ONLY],
    ['--attach-policy-arn', LOGS],
    /^- REMOVAL: role shop-web: detach .*S3ReadOnlyAccess, which podrole attached$/m,
  ],
  [
    "--policy-file ''",
    ['--policy-file', policyFile],
    ['--policy-file', ''],
    /^- REMOVAL: role shop-web: delete inline policy podrole-read, which podrole added$/m,
  ],
  [
    "--well-known '', inline",
    ['--well-known', 'external-dns'],
    ['--well-known', ''],
    /^- REMOVAL: role shop-web: delete inline policy podrole-external-dns, which podrole added$/m,
  ],
  [
    "--well-known '', managed",
    ['--well-known', 'ebs-csi'],
    ['--well-known', ''],
    /^- REMOVAL: role shop-web: detach .*AmazonEBSCSIDriverPolicy, which podrole attached$/m,
  ],
  [
    '--prune',
    ['--attach-policy-arn', READ_ONLY],
    ['--prune'],
    /^- REMOVAL: role shop-web: detach .*ReadOnlyAccess, which podrole attached$/m,
  ],
  [
    '--drop-issuer',
    ['--also-issuer', NEW],
    ['--drop-issuer', NEW],
    /^- REMOVAL: role shop-web: change the trust policy/m,
  ],
  [
    '--prune of a subject',
    ['--subject-pattern', 'system:serviceaccount:shop:*'],
    ['--prune'],
    /^- REMOVAL: role shop-web: change the trust policy/m,
  ],
];
for (const [name, earlier, now, line] of REMOVALS) {
  test(`an explicit removal: ${name}`, async () => {
    await run(...WEB, ...earlier, '--approve');
    const plan = await run(...WEB, ...now);
    assert.match(plan, line);
    assert.match(plan, /\d changes?, 1 of them a removal; give --approve to make them\n$/);
    const json = JSON.parse(await run(...WEB, ...now, '-o', 'json'));
    assert.equal(json.changes.filter(({ removes }: { removes?: boolean }) => removes).length, 1);
    await run(...WEB, ...now, '--approve');
    assert.equal(await run(...WEB, ...now), 'no changes\n');
  });
}

const EMPTY_FIELDS: readonly (readonly [field: string, value: readonly unknown[], operation: string])[] = [
  ['attachPolicyArns', [READ_ONLY], 'DetachRolePolicy'],
  ['inlinePolicies', [{ name: 'a', document: { Statement: STATEMENT } }], 'DeleteRolePolicy'],
  ['wellKnown', ['external-dns'], 'DeleteRolePolicy'],
];
for (const [field, value, operation] of EMPTY_FIELDS) {
  test(`an explicit removal: a bindings file with ${field}: []`, async () => {
    await run(...bindingsFile({ [field]: value }), '--approve');
    const before = site.iam.writes().length;
    await run(...bindingsFile({ [field]: null }), '--approve');
    await run(...bindingsFile({}), '--approve');
    assert.deepEqual(site.iam.writes().slice(before), []);
    await run(...bindingsFile({ [field]: [] }), '--approve');
    assert.equal(site.iam.writes()[before], operation);
  });
}

test('an empty list of one flag leaves the policies of the other flags', async () => {
  const all = [
    '--attach-policy-arn',
    READ_ONLY,
    '--policy-file',
    policyFile,
    '--well-known',
    'external-dns,ebs-csi',
  ];
  await run(...WEB, ...all, '--approve');
  const said = await run(...WEB, '--attach-policy-arn', '', '--policy-file', '', '--approve');
  const role = site.iam.roles.get('shop-web') ?? assert.fail();
  assert.deepEqual([[...role.attached], [...role.inline.keys()]], [[EBS], ['podrole-external-dns']]);
  assert.match(
    said,
    /^note: role shop-web keeps .*EBSCSIDriverPolicy, .*; give --well-known '' to remove it$/m,
  );
  assert.match(said, /^note: role shop-web keeps podrole-external-dns, /m);
  await run(...WEB, '--well-known', '', '--approve');
  assert.deepEqual([...role.attached, ...role.inline.keys()], []);
});

test('only the flag may be empty: an unset variable of a script takes nothing away', async () => {
  await run(...WEB, '--attach-policy-arn', READ_ONLY, '--approve');
  const env = { PODROLE_ATTACH_POLICY_ARN: '' };
  const { exitCode, stderr } = await runCli([...WEB, '--kube-api', site.cluster.url, '--approve'], { env });
  assert.equal(exitCode, 2);
  assert.match(stderr, /PODROLE_ATTACH_POLICY_ARN: is given but empty; give it a value, or leave it out/);
});
