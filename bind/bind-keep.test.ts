import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { bindState, takenAway } from '../testing/bind/bind-state.ts';
import { BIND_WEB, STATEMENT, useBinds } from '../testing/bind/run-binds.ts';

/** A flag or field that is not given leaves things as they are; what takes something away says so. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const BOUNDARY = 'arn:aws:iam::111122223333:policy/bound';
const NEW = 'https://oidc.example.test/two';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const WEB = BIND_WEB;

const { site, policyFile, run, bindingsFile } = useBinds();

const EARLIER: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['--attach-policy-arn', [...WEB, '--attach-policy-arn', `${READ_ONLY},${LOGS}`]],
  ['--policy-file', [...WEB, '--policy-file', policyFile]],
  ['--well-known, inline', [...WEB, '--well-known', 'external-dns']],
  ['--well-known, managed', [...WEB, '--well-known', 'ebs-csi']],
  ['--permissions-boundary', [...WEB, '--permissions-boundary', BOUNDARY]],
  ['--session-duration', [...WEB, '--session-duration', '7200']],
  ['--tags', [...WEB, '--tags', 'team=shop']],
  ['--role-path', [...WEB, '--role-path', '/a/b/']],
  ['--role-name', [...WEB, '--role-name', 'other']],
  ['--cluster-name', [...WEB, '--cluster-name', 'blue']],
  ['--role-name and --role-path', [...WEB, '--role-name', 'other', '--role-path', '/a/']],
  ['roleName', bindingsFile({ roleName: 'other', tags: { a: 'b' } })],
  ['--subject-pattern', [...WEB, '--subject-pattern', 'system:serviceaccount:shop:*']],
  ['--token-audience', [...WEB, '--token-audience', 'vault']],
  ['--also-issuer', [...WEB, '--also-issuer', NEW]],
  ['--role-only', [...WEB, '--role-only']],
  ['--ownership-tags=false', [...WEB, '--ownership-tags=false', '--role-name', 'shop-web']],
  ['attachPolicyArns', bindingsFile({ attachPolicyArns: [READ_ONLY] })],
  ['inlinePolicies', bindingsFile({ inlinePolicies: [{ name: 'a', document: { Statement: STATEMENT } }] })],
  ['wellKnown', bindingsFile({ wellKnown: ['cert-manager'] })],
  ['audience', bindingsFile({ audience: 'vault' })],
  [
    'annotations and labels',
    bindingsFile({
      annotations: {
        'eks.amazonaws.com/token-expiration': '3600',
        'eks.amazonaws.com/sts-regional-endpoints': 'true',
        'podrole.dev/session-name': 'pod',
      },
      labels: { app: 'web' },
    }),
  ],
];

const LATER: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['nothing', []],
  ['--also-issuer', ['--also-issuer', 'https://oidc.example.test/three']],
  ['--drop-issuer', ['--drop-issuer', 'https://oidc.example.test/never']],
  ['--role-only', ['--role-only']],
  ['--tags', ['--tags', 'cost=1']],
];
for (const [name, earlier] of EARLIER) {
  test(`${name} given earlier and not given now: it stays`, async () => {
    for (const [later, args] of LATER) {
      await run(...earlier, '--approve');
      const before = bindState(site);
      // Without its tags only the name says that the role may be used.
      const named = name.startsWith('--ownership') ? ['--role-name', 'shop-web'] : [];
      const said = await run(...WEB, ...named, ...args, '--approve');
      assert.doesNotMatch(said, /REMOVAL/, later);
      const now = bindState(site);
      assert.deepEqual(takenAway(before, now), [], `after ${later}`);
      await run(...bindingsFile(named.length > 0 ? { roleName: 'shop-web' } : {}), '--approve');
      const last = bindState(site);
      assert.deepEqual(takenAway(before, last), [], `after a file without it, ${later}`);
    }
  });
}

test('an audience that is not asked for stays, in trust policy and annotation; an asked one changes both', async () => {
  const trusted = () => site.iam.roles.get('shop-web')?.trustPolicy ?? '';
  const annotated = () =>
    asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations'])?.[
      'eks.amazonaws.com/audience'
    ];
  await run(...WEB, '--token-audience', 'vault', '--approve');
  assert.equal(
    await run(...WEB),
    'note: role shop-web keeps its audience vault; give --token-audience to change it\nno changes\n',
  );
  assert.equal(annotated(), undefined);
  await run(...bindingsFile({ audience: 'other' }), '--approve');
  assert.deepEqual([annotated(), trusted().includes('"other"')], ['other', true]);
  assert.equal(await run(...WEB), 'no changes\n');
  await run(...WEB, '--token-audience', 'sts.amazonaws.com', '--approve');
  assert.deepEqual([annotated(), trusted().includes('"other"')], ['sts.amazonaws.com', false]);
  assert.equal(await run(...WEB, '--token-audience', 'sts.amazonaws.com'), 'no changes\n');
});

test('a path that is not asked for stays in role, annotation and provider', async () => {
  await run(...WEB, '--role-path', '/a/', '--approve');
  assert.match(await run(...WEB, '--tags', 'a=b', '--approve'), /1 change; making them/);
  const annotations = asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations']);
  assert.equal(annotations?.[ROLE_KEY], 'arn:aws:iam::111122223333:role/a/shop-web');
});

test('a role that only the annotation names is not adopted: of another, without tags, or to be replaced', async () => {
  await run(...WEB, '--role-name', 'other', '--approve');
  const role = site.iam.roles.get('other') ?? assert.fail();
  const said = await run(...WEB, '--tags', 'a=b', '--approve');
  assert.match(said, /^note: ServiceAccount shop\/web keeps its role other; give --role-name to change it$/m);
  assert.deepEqual([[...site.iam.roles.keys()], role.tags.get('a')], [['other'], 'b']);
  const replaced = await run(...WEB, '--override-existing-serviceaccounts');
  assert.match(replaced, /^\+ role shop-web: create /m);
  for (const value of ['shop/api', '']) {
    role.tags.set('podrole.dev/service-account', value);
    const { exitCode, stderr } = await site.podrole(...WEB, '--approve');
    assert.equal(exitCode, 3);
    assert.match(stderr, /ServiceAccount shop\/web: has the role .*other; give --override-existing/);
  }
  role.tags.clear();
  assert.equal((await site.podrole(...WEB, '--approve')).exitCode, 3);
  assert.deepEqual([...site.iam.roles.keys()], ['other']);
});
