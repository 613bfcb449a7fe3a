import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { JWKS_PATH } from '../lib/contract/kubernetes.ts';
import type { JsonObject } from '../lib/json/json.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { ended, reportOf, startPodCluster } from '../testing/kubernetes/pod-cluster.ts';
import { type CliResult, runCli } from '../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-escape-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();

/** Clears the screen and colors what follows, in a terminal that obeys; then text that runs backwards. */
const HOSTILE = '\u001b[2J\u009b31m\u202e';
/** XML has no U+001B. */
const IN_XML = '\u009b31m\u202e';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const BIND = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];

function putPod(name: string, parts: JsonObject, env: readonly JsonObject[] = []): void {
  const metadata = { namespace: 'shop', name, ...parts };
  const spec = { serviceAccountName: 'web', containers: [{ name: 'web', env }] };
  site.cluster.put({ metadata, spec, status: { phase: 'Running' } }, 'pods');
}

/** A command, after whatever somebody else has put where it reads. */
const CALLS: Readonly<Record<string, () => Promise<CliResult>>> = {
  'bind, with owner references and variables of pods': async () => {
    await site.podrole(...BIND, '--approve');
    const owner = { kind: `Job${HOSTILE}`, name: `a${HOSTILE}`, controller: true };
    putPod('owned', { ownerReferences: [owner] });
    putPod('alone', {}, [{ name: 'AWS_ROLE_ARN', value: `arn:aws:iam::111122223333:role/a${HOSTILE}` }]);
    const result = await site.podrole(...BIND);
    assert.match(result.stdout, /Job\\u001b\[2J\\u009b31m\\u202e shop\/a/);
    assert.match(result.stdout, /running with .*role\/a\\u001b/);
    return result;
  },
  'list, with an annotation': async () => {
    const annotations = { 'eks.amazonaws.com/role-arn': `arn${HOSTILE}` };
    site.cluster.put({ metadata: { namespace: 'shop', name: 'web', annotations } });
    return runCli(['list', '--kube-api', site.cluster.url]);
  },
  'unbind, with an annotation': async () => {
    const annotations = { 'eks.amazonaws.com/role-arn': `arn${HOSTILE}`, 'podrole.dev/created': HOSTILE };
    site.cluster.put({ metadata: { namespace: 'shop', name: 'web', annotations } });
    return site.podrole('unbind', '-n', 'shop', 'web');
  },
  'bind, with an annotation': async () => {
    const annotations = {
      'eks.amazonaws.com/role-arn': `arn${HOSTILE}`,
      'eks.amazonaws.com/audience': HOSTILE,
    };
    site.cluster.put({ metadata: { namespace: 'shop', name: 'web', annotations } });
    return site.podrole(...BIND, '--override-existing-serviceaccounts');
  },
  'provider show, with a tag': async () => {
    await site.podrole('provider', 'ensure', ...THUMBPRINT, '--approve');
    for (const { tags } of site.iam.providers.values()) tags.set(`a${IN_XML}`, `b${IN_XML}`);
    const result = await site.podrole('provider', 'show', ...THUMBPRINT);
    assert.match(result.stdout, /a\\u009b31m\\u202e=b/);
    return result;
  },
  'publish, with a key ID and the members of a published document': async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = publicKey.export({ format: 'jwk' });
    site.cluster.objects.set(JWKS_PATH, { keys: [{ ...jwk, kid: `a${HOSTILE}`, alg: 'RS256', use: 'sig' }] });
    const to = join(folder, 'site');
    mkdirSync(join(to, '.well-known'), { recursive: true });
    const published = JSON.stringify({ other: HOSTILE });
    const raw = published.replace('\\u001b', '\u001b');
    writeFileSync(join(to, '.well-known', 'openid-configuration'), raw);
    const publish = ['publish', '--kube-api', site.cluster.url, '--to', to, '--verify=false'];
    const plan = await runCli([...publish, '--dry-run']);
    const { exitCode, ...done } = await runCli(publish);
    return { exitCode, stdout: plan.stdout + done.stdout, stderr: plan.stderr + done.stderr };
  },
  'test, with a report of the pod': async () => {
    const pods = await startPodCluster();
    try {
      const report = JSON.parse(
        reportOf(`arn:aws:sts::111122223333:assumed-role/shop-web/${HOSTILE}`, 'shop-web'),
      );
      pods.status = ended(0, JSON.stringify({ ...report, notes: [`note${HOSTILE}`] }));
      return await pods.testWeb();
    } finally {
      await pods.server.stop();
    }
  },
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`a terminal obeys nobody but podrole: ${name}`, async () => {
    const { stdout, stderr } = await call();
    assert.match(stdout + stderr, /\\u009b31m/);
    assert.doesNotMatch((stdout + stderr).replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e]/u);
  });
}
