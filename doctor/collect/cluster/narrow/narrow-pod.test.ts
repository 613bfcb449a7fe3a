import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { podFactsSchema } from '../../../facts/pod-facts.ts';
import { narrowPod } from './narrow-pod.ts';

/** A pod with one container that has these variables. */
function podWith(...env: readonly object[]) {
  return { metadata: { namespace: 'shop', name: 'web-0' }, spec: { containers: [{ name: 'app', env }] } };
}

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const VARIABLES: readonly (readonly [given: object, kept: object | undefined])[] = [
  [
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/a' },
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/a' },
  ],
  [{ name: 'AWS_SECRET_ACCESS_KEY', value: SECRET }, { name: 'AWS_SECRET_ACCESS_KEY' }],
  [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIAIOSFODNN7EXAMPLE' }, { name: 'AWS_ACCESS_KEY_ID' }],
  [{ name: 'AWS_SESSION_TOKEN', value: SECRET }, { name: 'AWS_SESSION_TOKEN' }],
  [{ name: 'AWS_OF_TOMORROW', value: SECRET }, { name: 'AWS_OF_TOMORROW' }],
  [
    { name: 'AWS_ACCESS_KEY_ID', value: '' },
    { name: 'AWS_ACCESS_KEY_ID', value: '' },
  ],
  [{ name: 'AWS_ACCESS_KEY_ID' }, { name: 'AWS_ACCESS_KEY_ID', value: '' }],
  [
    { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'keys', key: 'id' } } },
    { name: 'AWS_ACCESS_KEY_ID', from: 'secret' },
  ],
  [
    { name: 'AWS_REGION', valueFrom: { configMapKeyRef: { name: 'x', key: 'y' } } },
    { name: 'AWS_REGION', from: 'configMap' },
  ],
  [
    { name: 'PODROLE_POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    { name: 'PODROLE_POD_UID', from: 'field' },
  ],
  [
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: `http://127.0.0.1:9911/v1/credentials/${SECRET}` },
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://127.0.0.1:9911/' },
  ],
  [
    { name: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', value: `/v2/${SECRET}` },
    { name: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' },
  ],
  [
    { name: 'HTTPS_PROXY', value: 'http://user:s3cr3t@proxy:3128' },
    { name: 'HTTPS_PROXY', value: 'http://...@proxy:3128' },
  ],
  [
    { name: 'AWS_ROLE_DURATION_SECONDS', value: '7200' },
    { name: 'AWS_ROLE_DURATION_SECONDS', value: '7200' },
  ],
  [{ name: 'PASSWORD', value: SECRET }, undefined],
];
for (const [given, kept] of VARIABLES) {
  test(`keeps ${kept ? JSON.stringify(kept) : 'nothing'} of a variable`, () => {
    assert.deepEqual(narrowPod(podWith(given)).containers[0]?.env, kept ? [kept] : []);
  });
}

test('of two variables with one name, Kubernetes uses the last', () => {
  const pod = podWith({ name: 'AWS_REGION', value: 'a' }, { name: 'AWS_REGION', value: 'b' });
  assert.deepEqual(narrowPod(pod).containers[0]?.env, [{ name: 'AWS_REGION', value: 'b' }]);
});

test('reads user, group, kind, status and token volumes', () => {
  const facts = narrowPod({
    metadata: {
      namespace: 'shop',
      generateName: 'web-',
      ownerReferences: [{ kind: 'Job', name: 'j', controller: true }],
    },
    spec: {
      securityContext: { runAsUser: 1_000, runAsNonRoot: true, fsGroup: 2_000 },
      initContainers: [
        { name: 'proxy', restartPolicy: 'Always', args: ['--region=eu-west-1'] },
        { name: 'init' },
      ],
      containers: [{ name: 'app', securityContext: { runAsUser: 0 }, envFrom: [{}] }],
      volumes: [
        {
          name: 'mine',
          projected: { defaultMode: 0o400, sources: [{ serviceAccountToken: { audience: 'a', path: 't' } }] },
        },
        { name: 'secret', secret: { secretName: 'x' } },
      ],
    },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        {
          name: 'proxy',
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: { terminated: { exitCode: 2, reason: 'Error' } },
        },
      ],
    },
  });
  assert.deepEqual(
    facts.containers.map(
      ({ name, kind, runAsUser, runAsNonRoot, hasRegionArgument, hasEnvFrom, trouble }) => ({
        name,
        kind,
        runAsUser,
        runAsNonRoot,
        hasRegionArgument,
        hasEnvFrom,
        trouble,
      }),
    ),
    [
      {
        name: 'proxy',
        kind: 'sidecar',
        runAsUser: 1_000,
        runAsNonRoot: true,
        hasRegionArgument: true,
        hasEnvFrom: false,
        trouble: 'CrashLoopBackOff, back-off, Error, exit code 2',
      },
      {
        name: 'init',
        kind: 'init',
        runAsUser: 1_000,
        runAsNonRoot: true,
        hasRegionArgument: false,
        hasEnvFrom: false,
        trouble: undefined,
      },
      {
        name: 'app',
        kind: 'container',
        runAsUser: 0,
        runAsNonRoot: true,
        hasRegionArgument: false,
        hasEnvFrom: true,
        trouble: undefined,
      },
    ],
  );
  assert.deepEqual(facts.tokenVolumes, [
    { volume: 'mine', path: 't', audience: 'a', expirationSeconds: 3_600, mode: 0o400 },
  ]);
  assert.equal(facts.fsGroup, 2_000);
  assert.equal(facts.owner, 'Job/j');
});

test('keeps only annotations of webhooks for roles, and their misspellings', () => {
  const annotations = {
    'eks.amazonaws.com/skip-containers': 'a',
    'eks.amazon.com/role-arn': 'b',
    'iam.amazonaws.com/role': 'c',
    'kubectl.kubernetes.io/last-applied-configuration': SECRET,
  };
  const { annotations: kept } = narrowPod({ metadata: { annotations } });
  assert.deepEqual(Object.values(kept).sort(), ['a', 'b', 'c']);
});

test('what a webhook adds behind thousands of entries of a tenant is kept', () => {
  const many = <T>(make: (at: number) => T) => Array.from({ length: 5_000 }, (_, at) => make(at));
  const facts = narrowPod({
    spec: {
      containers: [
        {
          name: 'app',
          env: [
            { name: 'AWS_ACCESS_KEY_ID', value: 'x' },
            ...many((at) => ({ name: `AWS_X${at}`, value: 'x' })),
            { name: 'AWS_ROLE_ARN', value: 'arn' },
          ],
          volumeMounts: [
            ...many((at) => ({ name: `v${at}`, mountPath: `/v${at}` })),
            { name: 'own', mountPath: '/own' },
          ],
        },
      ],
      volumes: [...many((at) => `v${at}`), 'own'].map((name) => ({
        name,
        projected: { sources: [{ serviceAccountToken: { path: 'token' } }] },
      })),
    },
  });
  const [app] = facts.containers;
  assert.deepEqual(
    app?.env.slice(0, 2).map(({ name }) => name),
    ['AWS_ACCESS_KEY_ID', 'AWS_ROLE_ARN'],
  );
  assert.deepEqual([app?.mounts.at(-1)?.volume, facts.tokenVolumes.at(-1)?.volume], ['own', 'own']);
});

test('any JSON becomes facts of the schema', () => {
  const key = fc.constantFrom(
    ...['metadata', 'spec', 'status', 'containers', 'initContainers', 'env', 'name', 'value', 'valueFrom'],
    ...[
      'volumes',
      'projected',
      'sources',
      'serviceAccountToken',
      'securityContext',
      'volumeMounts',
      'labels',
    ],
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 7 },
      fc.constantFrom(null, 1, true, '', 'AWS_REGION', SECRET),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree), (pod) => {
      podFactsSchema.parse(narrowPod(pod));
    }),
  );
});
