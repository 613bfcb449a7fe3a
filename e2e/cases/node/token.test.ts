import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createNamespace } from '../../cluster/api-objects.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { createPod, createServiceAccount } from '../../setup/pods/pods.ts';
import { logOf, waitForSuccess } from '../../setup/pods/running-pods.ts';

/**
 * Readers of the token that kubelet projects, as in docs/sidecar-in-pods.md: each container gets its
 * identity, whichever user it runs as, and so does the sidecar.
 */
interface Case {
  readonly name: string;
  /** Users of the containers; undefined: the user of the image, root. */
  readonly users: readonly (number | undefined)[];
  readonly ofPod?: { readonly runAsUser?: number; readonly fsGroup?: number };
  readonly sidecar?: 'credentials' | 'metadata';
  /** Mode and owner of the token. */
  readonly token: string;
  readonly sidecarUser?: number;
}

const PODROLE_USER = 65532;
const credentials = { sidecar: 'credentials', sidecarUser: PODROLE_USER } as const;
const CASES: readonly Case[] = [
  { name: 'no-user', users: [undefined], token: '644 0:0' },
  { name: 'root', users: [0], token: '600 0:0' },
  { name: 'one-user', users: [1000, 1000], token: '600 1000:0' },
  { name: 'two-users', users: [1000, 2000], token: '644 0:0' },
  { name: 'group', users: [undefined], ofPod: { fsGroup: 3000 }, token: '640 0:3000' },
  { name: 'group-one-user', users: [1000], ofPod: { fsGroup: 3000 }, token: '640 1000:3000' },
  { name: 'sidecar-no-user', users: [undefined], ...credentials, token: '644 0:0' },
  { name: 'sidecar-root', users: [0], ...credentials, token: '644 0:0' },
  {
    name: 'sidecar-pods-user',
    users: [undefined],
    ofPod: { runAsUser: 1000 },
    ...credentials,
    token: '600 1000:0',
    sidecarUser: 1000,
  },
  { name: 'sidecar-two-users', users: [1000, 2000], ...credentials, token: '644 0:0' },
  {
    name: 'sidecar-group',
    users: [undefined],
    ofPod: { fsGroup: 3000 },
    ...credentials,
    token: '640 0:3000',
  },
  {
    name: 'sidecar-group-one-user',
    users: [1000],
    ofPod: { fsGroup: 3000 },
    ...credentials,
    token: '640 1000:3000',
    sidecarUser: 1000,
  },
  { name: 'redirect-one-user', users: [1000], sidecar: 'metadata', token: '644 0:0', sidecarUser: 1000 },
];

const WEB = { namespace: 'shop', serviceAccount: 'web' };
const site = await startNodeSite(['sdk'], [WEB]);
const { cluster, aws } = site;
after(() => site.stop());
await createNamespace(cluster, 'shop');
await createServiceAccount(cluster, 'shop', 'web', aws.stsRole(WEB));
const SESSION = aws.stsRole(WEB).replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');

/**
 * The SDK uses web identity by default. Credentials of the sidecar come as variables, which have precedence.
 */
const LOOK = `
stat -L -c '%a %u:%g' "$AWS_WEB_IDENTITY_TOKEN_FILE"
node /client.mjs
[ -n "\${AWS_CONTAINER_CREDENTIALS_FULL_URI:-}" ] || exit 0
keys=$(wget -q -O - "$AWS_CONTAINER_CREDENTIALS_FULL_URI")
member() { echo "$keys" | sed -E 's/.*"'"$1"'" *: *"([^"]*)".*/\\1/'; }
export AWS_ACCESS_KEY_ID=$(member AccessKeyId) AWS_SECRET_ACCESS_KEY=$(member SecretAccessKey) AWS_SESSION_TOKEN=$(member Token)
node /client.mjs`;

const env = [{ name: 'AWS_ENDPOINT_URL_STS', value: aws.stsUrl }];
const CONTAINER = { image: APP_IMAGE.sdk, imagePullPolicy: 'Never', env, command: ['sh', '-euc', LOOK] };
const began = performance.now();
const pods = await Promise.all(
  CASES.map(({ name, users, ofPod, sidecar }) =>
    createPod(cluster, 'shop', 'web', {
      name,
      annotations: sidecar ? { 'podrole.dev/sidecar': sidecar } : {},
      spec: {
        restartPolicy: 'Never',
        ...(ofPod ? { securityContext: ofPod } : {}),
        containers: users.map((runAsUser, index) => ({
          ...CONTAINER,
          name: containerName(index),
          ...(runAsUser === undefined ? {} : { securityContext: { runAsUser } }),
        })),
      },
    }),
  ),
);

for (const [index, { name, users, token, sidecar, sidecarUser }] of CASES.entries()) {
  test(`${name}: the token is ${token}, and all get their identity`, async () => {
    const created = pods[index];
    assert.ok(created);
    const pod = await waitForSuccess(cluster, created);
    for (const [container] of users.entries()) {
      const [mode, ...identities] = (await logOf(cluster, pod, containerName(container))).trim().split('\n');
      assert.equal(mode, token);
      assert.equal(identities.length, sidecar ? 2 : 1);
      for (const identity of identities) assert.ok(arnIn(identity).startsWith(`${SESSION}/`), identity);
    }
    const added = pod.spec.initContainers?.find((container) => container.name === 'podrole-sidecar');
    assert.equal(added?.securityContext?.runAsUser, sidecarUser);
  });
}

test('stages', (t) => {
  for (const stage of site.stages) t.diagnostic(stage);
  t.diagnostic(`${CASES.length} pods at once: ${Math.round(performance.now() - began)} ms`);
});

function containerName(index: number): string {
  return `app-${index}`;
}

function arnIn(printed: string): string {
  return (JSON.parse(printed) as { Arn: string }).Arn;
}
