import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';

const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const WEB = ['bind', '-n', 'shop', 'web', '--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];

const folder = mkdtempSync(join(tmpdir(), 'podrole-cluster-'));
const site = useBindSite();
after(() => rmSync(folder, { recursive: true }));

const metadata = () => asObject(site.cluster.objects.get(ACCOUNT)?.['metadata']);

test('an object that the cluster refuses to show is unknown, and is not created', async () => {
  for (const path of [ACCOUNT, '/api/v1/namespaces/shop']) {
    site.cluster.trouble = ({ pathname }) => (pathname === path ? { status: 403 } : undefined);
    const { exitCode, stderr } = await site.podrole(...WEB, '--approve');
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      new RegExp(`API server .*${path}: answered 403; use a kubeconfig whose user may read it`),
    );
    assert.deepEqual(site.iam.writes(), []);
  }
});

test('--role-only asks nothing of the cluster but its issuer', async () => {
  site.cluster.trouble = ({ pathname }) => (pathname.startsWith('/api/') ? { status: 403 } : undefined);
  assert.equal((await site.podrole(...WEB, '--role-only', '--approve')).exitCode, 0);
});

test('a ServiceAccount that somebody changes between look and write is not overwritten', async () => {
  site.cluster.objects.set(ACCOUNT, { metadata: { name: 'web', namespace: 'shop', resourceVersion: '1' } });
  site.cluster.trouble = ({ method }) => {
    if (method === 'PATCH')
      site.cluster.objects.set(ACCOUNT, { metadata: { name: 'web', resourceVersion: '2' } });
    return undefined;
  };
  const { exitCode, stderr } = await site.podrole(...WEB, '--approve');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /ServiceAccount shop\/web: PATCH .* answered 409 \(the object has been modified\); somebody made or changed it at the same time; run again/,
  );
  assert.equal(metadata()?.['annotations'], undefined);
});

test('foreign labels and annotations stay, and those of a file are for a new ServiceAccount', async () => {
  const annotations = { 'meta.helm.sh/release-name': 'shop', 'podrole.dev/session-name': 'pod' };
  site.cluster.objects.set(ACCOUNT, { metadata: { labels: { a: 'b' }, annotations } });
  const names = ['web', 'new'];
  const of = (serviceAccount: string) => ({
    namespace: 'shop',
    serviceAccount,
    annotations: { c: 'd' },
    labels: { e: 'f' },
  });
  const file = join(folder, 'bindings.json');
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: names.map(of) }),
  );
  await site.podrole('bind', '-f', file, ...WEB.slice(4), '--approve');
  const roleOf = (name: string) => ({
    'eks.amazonaws.com/role-arn': `arn:aws:iam::111122223333:role/shop-${name}`,
  });
  assert.deepEqual(
    [metadata()?.['labels'], metadata()?.['annotations']],
    [{ a: 'b' }, { ...annotations, ...roleOf('web') }],
  );
  const made = asObject(site.cluster.objects.get(ACCOUNT.replace('/web', '/new'))?.['metadata']);
  const expected = { c: 'd', ...roleOf('new'), 'podrole.dev/created': 'true' };
  assert.deepEqual([made?.['labels'], made?.['annotations']], [{ e: 'f' }, expected]);
});
