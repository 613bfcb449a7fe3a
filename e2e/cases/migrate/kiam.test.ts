import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { ISSUER, publishIssuer } from '../../setup/aws/aws-side.ts';
import { readRoleInIam } from '../../setup/aws/iam-roles.ts';
import { commandsOf, runCommands } from '../../setup/install/page-commands.ts';
import { startSite } from '../../setup/temporary-site.ts';

/**
 * The commands of docs/migrate-kiam.md on a real API server, with a third-party IAM. kiam itself does not
 * run: its DaemonSet and its Deployment are there, from which the plan reads its flags.
 */
const SKIP = 'eks.amazonaws.com/skip-pod-identity-webhook';
const WEB = '/apis/apps/v1/namespaces/shop/deployments/web';

const authority = await createAuthority('issuers');
const [cluster, moto] = await Promise.all([startControlPlane({ issuer: ISSUER }), startMoto()]);
after(() => Promise.all([cluster.stop(), moto.stop()]));
const issuer = await publishIssuer(cluster, authority);
after(() => issuer.stop());
const site = await startSite(async () => ({}));
after(site.stop);
const iam = new IAMClient(clientOptions(moto));
const arn = (name: string) => `arn:aws:iam::${moto.account}:role/${name}`;
const environment = {
  ...awsEnvironment(moto),
  AWS_EC2_METADATA_DISABLED: 'true',
  NODE_EXTRA_CA_CERTS: await site.file('ca.crt', authority.cert),
};

for (const [name, principal] of [
  ['kiam-server', { Service: 'ec2.amazonaws.com' }],
  ['shop-web', { AWS: arn('kiam-server') }],
] as const) {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
}
await createNamespace(cluster, 'shop');
await expectSuccess(cluster, 'PATCH', '/api/v1/namespaces/shop', {
  metadata: { annotations: { 'iam.amazonaws.com/permitted': 'shop-.*' } },
});
await expectSuccess(cluster, 'POST', '/api/v1/namespaces/shop/serviceaccounts', {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'shop', name: 'web' },
});
await createWorkload('kube-system', 'DaemonSet', 'kiam-agent', { args: ['agent'] });
await createWorkload('kube-system', 'Deployment', 'kiam-server', {
  args: ['server', `--role-base-arn=${arn('')}`, `--assume-role-arn=${arn('kiam-server')}`],
});
await createWorkload('shop', 'Deployment', 'web', { role: 'shop-web' });

const [plan = '', trust = '', hold = '', release = ''] = await commandsOf('migrate-kiam.md', 'migrate');

test('the plan knows the rule of the namespace, and the role of the server', async () => {
  const printed = await follow(plan);
  assert.match(printed, /^shop +Deployment\/web +web +old proxy +allows +to add +arn:\S+:role\/shop-web$/m);
  assert.match(printed, new RegExp(arn('kiam-server')));
});

test('step 1: the role trusts the server and the ServiceAccount', async () => {
  await follow(trust);
  const role = await readRoleInIam(iam, 'shop-web');
  const actions = role?.trust.Statement.map(({ Action }) => Action);
  assert.deepEqual(actions, ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity']);
  assert.match(JSON.stringify(role?.trust), /system:serviceaccount:shop:web/);
});

test('step 2: a label holds pods back, and lets them go', async () => {
  await follow(hold);
  assert.equal((await labels())[SKIP], 'true');
  await follow(release);
  assert.equal((await labels())[SKIP], undefined);
});

test('--check names who has not moved', async () => {
  await waitFor(hasPods, 'a pod of the Deployment');
  const { code, stdout } = await shell('podrole migrate kiam --check');
  assert.equal(code, 1);
  assert.match(stdout, /^shop\/web +Deployment +waiting /m);
});

interface Container {
  readonly args?: readonly string[];
  readonly role?: string;
}

async function createWorkload(
  namespace: string,
  kind: string,
  name: string,
  { args, role }: Container,
): Promise<void> {
  await expectSuccess(cluster, 'POST', `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s`, {
    apiVersion: 'apps/v1',
    kind,
    metadata: { namespace, name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: role ? { 'iam.amazonaws.com/role': role } : {} },
        spec: {
          ...(namespace === 'shop' && { serviceAccountName: 'web' }),
          containers: [{ name: 'app', image: 'registry.example.com/kiam:v3.6', ...(args && { args }) }],
        },
      },
    },
  });
}

async function labels(): Promise<Readonly<Record<string, string>>> {
  const { body } = await expectSuccess(cluster, 'GET', WEB);
  return (body as { spec: { template: { metadata: { labels: Record<string, string> } } } }).spec.template
    .metadata.labels;
}

async function hasPods(): Promise<boolean> {
  const { body } = await expectSuccess(cluster, 'GET', '/api/v1/namespaces/shop/pods');
  return (body as { items: readonly unknown[] }).items.length > 0;
}

function shell(command: string) {
  return runCommands([command], { folder: site.folder, kubeconfig: cluster.kubeconfig }, environment);
}

/** Runs commands of the page. @returns their output */
async function follow(command: string): Promise<string> {
  const { code, stdout, stderr } = await shell(command);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}
