import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import { commandsOf, copyCheckout, runCommands } from '../../setup/install/page-commands.ts';
import { readPod } from '../../setup/pods/pods.ts';

/** The unchanged commands of docs/webhook.md, in order, in one shell, as a reader types them. */
const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
/**
 * Pages with commands for a cluster. Tests run all of them: this one, and in e2e/cases issuer/self-hosted,
 * install/up, install/agent-manifests, policy/policy, webhook/certificates, webhook/client-certificates and
 * node/docs.
 */
const PAGES_RUN = [
  ...[
    'agent.md',
    'aws-webhook.md',
    'certificates.md',
    'client-certificates.md',
    'install.md',
    'issuer.md',
    'policy.md',
    'self-hosted.md',
  ],
  ...['uninstall.md', 'up.md', 'upgrade.md', 'webhook.md'],
];

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());

test('docs/webhook.md, from a certificate to a pod with its role', async () => {
  const commands = await commandsOf('webhook.md');
  assert.ok(commands.length >= 4, `${commands.length} blocks of commands for a cluster`);
  const checkout = await copyCheckout();
  after(() => checkout.remove());
  const { code, stdout, stderr } = await runCommands(commands, {
    ...checkout,
    kubeconfig: cluster.kubeconfig,
  });
  const log = await readFile(path.join(checkout.folder, 'webhook.log'), 'utf8').catch(() => 'no log');
  assert.equal(code, 0, `${stdout}\n${stderr}\n${log}`);
  // The last command shows the changes of the pod.
  assert.match(stdout, new RegExp(`"AWS_ROLE_ARN","value":"${ROLE}"`));
  expectRole(await readPod(cluster, 'shop', 'web'), 'app', ROLE);
});

test('a test runs every page with commands for a cluster', async () => {
  const pages = (await readdir(DOCS)).filter((name) => name.endsWith('.md'));
  const withCommands = await Promise.all(
    pages.map(async (page) => ((await commandsOf(page)).length > 0 ? [page] : [])),
  );
  assert.deepEqual(withCommands.flat().sort(), PAGES_RUN);
});
