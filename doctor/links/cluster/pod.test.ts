import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE_POD,
  DENIED,
  healthyChain,
  POD,
  SERVICE_ACCOUNT,
} from '../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../testing/doctor/doctor-cluster.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ClusterFacts } from '../../facts/cluster-facts.ts';
import type { ContainerFacts, PodFacts } from '../../facts/pod-facts.ts';
import { pod } from './pod.ts';

const [APP] = POD.containers as readonly [ContainerFacts];
const [BARE] = BARE_POD.containers as readonly [ContainerFacts];

function podWith(changed: Partial<PodFacts>, given: Partial<ClusterFacts> = {}): ChainFacts {
  return healthyChain({ pod: read({ ...POD, ...changed }), ...given });
}

/** The pod with its one container changed. */
function app(changed: Partial<ContainerFacts>, ofPod: Partial<PodFacts> = {}): ChainFacts {
  return podWith({ containers: [{ ...APP, ...changed }], ...ofPod });
}

function env(name: string, value: string | undefined): Partial<ContainerFacts> {
  const others = APP.env.filter((variable) => variable.name !== name);
  return { env: value === undefined ? others : [...others, { name, value }] };
}

const TOKEN = POD.tokenVolumes.map((each) => ({ ...each, mode: 0o400 }));
const annotated = (annotatedAt: string, createdAt = SERVICE_ACCOUNT.createdAt) => ({
  serviceAccount: read({ ...SERVICE_ACCOUNT, annotatedAt, createdAt }),
});
const bare = (given: Partial<ClusterFacts> = {}) => healthyChain({ pod: read(BARE_POD), ...given });
const { grant: _, ...noGrant } = healthyChain();
const fullUri = { env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/' }] };
const podIdentity = { ...BARE_POD, containers: [{ ...BARE, ...fullUri }] };
const failedMount = {
  reason: 'FailedMount',
  message: 'no token',
  lastSeen: '2026-11-29T12:00:00Z',
  count: 3,
};
const withOwnRoles = {
  serviceAccount: read({
    ...SERVICE_ACCOUNT,
    annotations: { ...SERVICE_ACCOUNT.annotations, 'podrole.dev/container-roles': `logs=${ROLE}-logs` },
  }),
};
const ofLogs = { container: 'logs', grant: { roleArn: `${ROLE}-logs`, audience: 'sts.amazonaws.com/logs' } };
const user = (name: string, runAsUser: number | undefined, kind: ContainerFacts['kind'] = 'container') => ({
  ...APP,
  name,
  kind,
  ...(runAsUser !== undefined && { runAsUser }),
});

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['a pod with its role', healthyChain(), 'ok'],
  ['no pod', healthyChain({ pod: ABSENT }), 'ok'],
  ['a pod that may not be read', healthyChain({ pod: DENIED }), 'unknown'],
  // Time of the annotation
  [
    'a pod before the annotation',
    bare(annotated('2026-11-03T10:00:00Z')),
    'broken POD_OLDER_THAN_ANNOTATION',
  ],
  [
    'a pod before its ServiceAccount',
    bare({
      serviceAccount: read({
        ...SERVICE_ACCOUNT,
        createdAt: '2026-11-09T10:00:00Z',
        annotatedAt: '2026-11-09T10:00:00Z',
      }),
    }),
    'broken POD_OLDER_THAN_ANNOTATION',
  ],
  [
    'a pod in the second of the annotation',
    bare(annotated(BARE_POD.createdAt)),
    'broken POD_OLDER_THAN_ANNOTATION',
  ],
  [
    'a pod in the second of its ServiceAccount',
    bare(annotated(BARE_POD.createdAt, BARE_POD.createdAt)),
    'broken POD_MISSED_WEBHOOK',
  ],
  ['a pod after the annotation', bare(), 'broken POD_MISSED_WEBHOOK'],
  ['a ServiceAccount that may not be read', bare({ serviceAccount: DENIED }), 'broken POD_MISSED_WEBHOOK'],
  [
    'a role from before the annotation was changed',
    podWith(
      { containers: [{ ...APP, ...env('AWS_ROLE_ARN', `${ROLE}-old`) }] },
      annotated('2026-11-03T10:00:00Z'),
    ),
    'broken POD_OLDER_THAN_ANNOTATION',
  ],
  // Variables
  ['another role', app(env('AWS_ROLE_ARN', `${ROLE}-other`)), 'broken ROLE_DIFFERS'],
  ['a role alone', app(env('AWS_WEB_IDENTITY_TOKEN_FILE', undefined)), 'broken ROLE_VARIABLE_ALONE'],
  ['a token file alone', app(env('AWS_ROLE_ARN', '')), 'broken ROLE_VARIABLE_ALONE'],
  ['variables from elsewhere', app({ env: [], hasEnvFrom: true }), 'ok'],
  [
    'a role from a Secret',
    app({ env: [{ name: 'AWS_ROLE_ARN', from: 'secret' }, ...(env('AWS_ROLE_ARN', undefined).env ?? [])] }),
    'ok',
  ],
  // Token
  ['another token file', app(env('AWS_WEB_IDENTITY_TOKEN_FILE', '/tmp/token')), 'broken TOKEN_NOT_MOUNTED'],
  ['no mount', app({ mounts: [] }), 'broken TOKEN_NOT_MOUNTED'],
  [
    'a mount of another part',
    app({ mounts: APP.mounts.map((each) => ({ ...each, subPath: 'x' })) }),
    'broken TOKEN_NOT_MOUNTED',
  ],
  [
    'a mount of the token alone',
    app({ mounts: APP.mounts.map((each) => ({ ...each, path: `${each.path}/token`, subPath: 'token' })) }),
    'ok',
  ],
  [
    'another audience',
    podWith({ tokenVolumes: POD.tokenVolumes.map((each) => ({ ...each, audience: 'vault' })) }),
    'broken AUDIENCE_DIFFERS',
  ],
  [
    'the audience of the API server',
    podWith({ tokenVolumes: POD.tokenVolumes.map(({ audience: _audience, ...each }) => each) }),
    'broken AUDIENCE_DIFFERS',
  ],
  // Access to the token
  ['the usual mode and another user', app({ runAsUser: 1_000 }), 'ok'],
  ['mode 0400 and root', podWith({ tokenVolumes: TOKEN }), 'ok'],
  ['mode 0400 and one user of all', app({ runAsUser: 1_000 }, { tokenVolumes: TOKEN }), 'ok'],
  [
    'mode 0400 and two users',
    podWith({ tokenVolumes: TOKEN, containers: [user('app', 1_000), user('logs', 2_000)] }),
    'broken TOKEN_UNREADABLE',
  ],
  [
    'mode 0400, two users and fsGroup',
    podWith({ tokenVolumes: TOKEN, fsGroup: 1, containers: [user('app', 1_000), user('logs', 2_000)] }),
    'ok',
  ],
  [
    'mode 0400 and an init container of the image',
    podWith({ tokenVolumes: TOKEN, containers: [user('init', undefined, 'init'), user('app', 1_000)] }),
    'broken TOKEN_UNREADABLE',
  ],
  [
    'mode 0400 and a user that is not root',
    app({ runAsNonRoot: true }, { tokenVolumes: TOKEN }),
    'broken TOKEN_UNREADABLE',
  ],
  [
    'mode 0440 and a user that is not root',
    app({ runAsNonRoot: true }, { tokenVolumes: TOKEN.map((each) => ({ ...each, mode: 0o440 })) }),
    'broken TOKEN_UNREADABLE',
  ],
  ['mode 0400 on Windows', app({ runAsNonRoot: true }, { tokenVolumes: TOKEN, isWindows: true }), 'ok'],
  // Some containers only
  [
    'all containers skipped',
    podWith({ ...BARE_POD, annotations: { 'eks.amazonaws.com/skip-containers': 'app' } }),
    'broken CONTAINERS_SKIPPED',
  ],
  [
    'no container included',
    podWith({ ...BARE_POD, annotations: { 'podrole.dev/include-containers': 'other' } }),
    'broken CONTAINERS_SKIPPED',
  ],
  [
    'one container skipped',
    podWith({
      containers: [APP, { ...BARE, name: 'logs' }],
      annotations: { 'eks.amazonaws.com/skip-containers': 'logs' },
    }),
    'ok',
  ],
  ['a container of a mesh', podWith({ containers: [APP, { ...BARE, name: 'istio-proxy' }] }), 'ok'],
  [
    'a container without a role',
    podWith({ containers: [APP, { ...BARE, name: 'logs' }] }),
    'warning CONTAINER_WITHOUT_ROLE',
  ],
  [
    'a container with a role of its own',
    podWith(
      { containers: [APP, { ...APP, name: 'logs', ...env('AWS_ROLE_ARN', `${ROLE}-logs`) }] },
      withOwnRoles,
    ),
    'ok',
  ],
  [
    'the own role of a container that lacks it',
    { ...podWith({ containers: [APP, { ...BARE, name: 'logs' }] }, withOwnRoles), ...ofLogs },
    'broken POD_MISSED_WEBHOOK',
  ],
  [
    'the own role of a container that has that of the pod',
    { ...podWith({ containers: [APP, { ...APP, name: 'logs' }] }, withOwnRoles), ...ofLogs },
    'broken ROLE_DIFFERS',
  ],
  [
    'the own role of a container that does not exist',
    { ...podWith({}, withOwnRoles), ...ofLogs },
    'warning CONTAINER_NOT_FOUND',
  ],
  // kubelet
  [
    'a volume that is not mounted',
    podWith({ phase: 'Pending', containers: [{ ...APP, ready: false }] }, { events: read([failedMount]) }),
    'broken VOLUME_NOT_MOUNTED',
  ],
  ['a volume that was mounted late', podWith({}, { events: read([failedMount]) }), 'ok'],
  ['a pending pod', podWith({ phase: 'Pending' }), 'warning POD_PENDING'],
  [
    'a pod that waits for its sidecar',
    podWith({
      phase: 'Pending',
      containers: [APP, { ...APP, name: 'podrole-sidecar', kind: 'sidecar', trouble: 'Error' }],
    }),
    'ok',
  ],
  // Other modes
  [
    'a pod from before its EKS Pod Identity',
    { ...noGrant, cluster: bare({ dryRun: read({ pod: podIdentity, warnings: [] }) }).cluster },
    'broken POD_MISSED_WEBHOOK',
  ],
  [
    'a pod with EKS Pod Identity',
    {
      ...noGrant,
      cluster: healthyChain({ pod: read(podIdentity), dryRun: read({ pod: podIdentity, warnings: [] }) })
        .cluster,
    },
    'ok',
  ],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}`, () => {
    assert.equal(verdictOf(pod, chain), verdict);
  });
}

const GET = 'kubectl -n shop get pod web-0 -o json';
const CREATE = 'kubectl replace --force -f -';
const OWNERS: readonly (readonly [owner: string | undefined, command: string])[] = [
  [undefined, `${GET} | ${CREATE}`],
  ['ReplicaSet/web-5f1c', 'kubectl -n shop delete pod web-0'],
  ['StatefulSet/web', 'kubectl -n shop rollout restart statefulset/web'],
  ['DaemonSet/web', 'kubectl -n shop rollout restart daemonset/web'],
  ['Job/web-1', 'kubectl -n shop delete pod web-0'],
];
for (const [owner, command] of OWNERS) {
  test(`the command creates a pod of ${owner ?? 'nobody'} again`, () => {
    const chain = healthyChain({ pod: read({ ...BARE_POD, ...(owner && { owner }) }) });
    assert.deepEqual(commandsOf(pod, chain), [command]);
  });
}

const FS_GROUP = '{"spec":{"securityContext":{"fsGroup":65534}}}';
const unreadable = (ofPod: Partial<PodFacts>) =>
  app({ runAsNonRoot: true }, { tokenVolumes: TOKEN, ...ofPod });
const CHANGES: readonly (readonly [what: string, chain: ChainFacts, commands: readonly string[]])[] = [
  [
    'a token of a bare pod',
    unreadable({}),
    [`${GET} | kubectl patch --local -f - --type merge -p '${FS_GROUP}' -o json | ${CREATE}`],
  ],
  [
    'a token of a Deployment',
    unreadable({ owner: 'ReplicaSet/web-5f1c', labels: { 'pod-template-hash': '5f1c' } }),
    [`kubectl -n shop patch deployment/web --type merge -p '{"spec":{"template":${FS_GROUP}}}'`],
  ],
  ['a token of a Job', unreadable({ owner: 'Job/web' }), []],
  [
    'another role',
    app(env('AWS_ROLE_ARN', `${ROLE}-other`)),
    [`${GET} | kubectl set env --local -f - AWS_ROLE_ARN- AWS_WEB_IDENTITY_TOKEN_FILE- -o json | ${CREATE}`],
  ],
];
for (const [what, chain, commands] of CHANGES) {
  test(`the commands fix ${what}`, () => {
    assert.deepEqual(commandsOf(pod, chain), commands);
  });
}
