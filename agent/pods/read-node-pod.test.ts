import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { JsonObject } from '../../lib/json/json.ts';
import { AGENT_POD, agentPod, ROLE, roleContainer, TOKEN_FILE } from '../../testing/agent/pod-objects.ts';
import { readNodePod } from './read-node-pod.ts';

const grantsOf = (pod: JsonObject) =>
  (readNodePod(pod)?.grants ?? assert.fail('not a pod')).map(({ container, role, token, ...rest }) => ({
    ...(container !== undefined && { container }),
    role: role.name,
    file: `${token.volumeName}/${token.path}`,
    ...(rest.sessionName !== undefined && { session: rest.sessionName }),
    ...(rest.target && { target: `${rest.target.role.name} ${rest.target.hasSessionTags}` }),
  }));
const WEB = { role: 'web', file: 'aws-iam-token/token' };

test('what the agent needs of a pod', () => {
  const { grants, ...rest } = readNodePod(AGENT_POD) ?? assert.fail();
  assert.equal(grants.length, 1);
  assert.deepEqual(rest, {
    uid: 'uid-1',
    namespace: 'shop',
    name: 'web-0',
    resourceVersion: '7',
    serviceAccountName: 'web',
    folder: 'uid-1',
    addresses: ['10.0.0.7', 'fd00::7'],
    isHostNetwork: false,
    isEnding: false,
    isFinished: false,
    isRunning: true,
    startedMs: Date.UTC(2026, 0, 1),
    isMirror: false,
    hasOwnHosts: false,
    podIdentityToken: undefined,
  });
});

test('states of a pod', () => {
  const read = (parts: Parameters<typeof agentPod>[0]) => readNodePod(agentPod(parts)) ?? assert.fail();
  const annotated = { annotations: { 'kubernetes.io/config.mirror': 'c0ffee' } };
  const mirror = read({ metadata: annotated });
  assert.deepEqual([mirror.folder, mirror.grants], ['c0ffee', []]);
  assert.equal(read({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }).isEnding, true);
  for (const phase of ['Succeeded', 'Failed']) assert.equal(read({ status: { phase } }).isFinished, true);
  for (const phase of ['Pending', 'Running', 'Unknown', 7, undefined])
    assert.equal(read({ status: { phase } }).isFinished, false);
  assert.equal(read({ spec: { hostNetwork: true } }).isHostNetwork, true);
  assert.deepEqual(read({ status: {} }).addresses, []);
  assert.deepEqual(read({ status: { podIP: '::ffff:10.0.0.9' } }).addresses, ['10.0.0.9']);
  assert.deepEqual(
    read({ status: { podIPs: [{ ip: 'x' }, { ip: 7 }, null, { ip: 'FD00::1' }] } }).addresses,
    ['fd00::1'],
  );
  assert.equal(
    read({ status: { containerStatuses: [{ state: { waiting: {} } }], podIP: '10.0.0.7' } }).isRunning,
    false,
  );
  const startedAt = (second: number) => ({ startedAt: `2026-01-01T00:00:0${second}Z` });
  const statuses: [status: object, second: number | undefined][] = [
    [{ initContainerStatuses: [{ state: { terminated: startedAt(3) } }, { state: { waiting: {} } }] }, 3],
    [{ containerStatuses: [{ state: { waiting: {} }, lastState: { terminated: startedAt(4) } }] }, 4],
    [{ containerStatuses: [3, 5, 4].map((second) => ({ state: { running: startedAt(second) } })) }, 5],
    [{ containerStatuses: [{ state: { running: { startedAt: 7 } } }, { state: 7 }, null] }, undefined],
    [{ containerStatuses: [{ state: { terminated: { startedAt: 'soon' } } }] }, undefined],
  ];
  for (const [status, second] of statuses) {
    const expected = second === undefined ? 0 : Date.UTC(2026, 0, 1, 0, 0, second);
    assert.equal(read({ status: { ...status } }).startedMs, expected, JSON.stringify(status));
  }
  for (const kind of ['initContainerStatuses', 'ephemeralContainerStatuses'])
    assert.equal(read({ status: { [kind]: [{ state: { running: {} } }] } }).isRunning, true);
  const own = { name: 'own', volumeMounts: [{ name: 'hosts', mountPath: '/etc/hosts' }] };
  assert.equal(read({ spec: { initContainers: [own] } }).hasOwnHosts, true);
  const eks = { name: 'eks', projected: { sources: [eksToken('eks-token')] } };
  assert.deepEqual(read({ spec: { volumes: [eks] } }).podIdentityToken, {
    volumeName: 'eks',
    path: 'eks-token',
  });
});

const eksToken = (path: string) => ({ serviceAccountToken: { audience: 'pods.eks.amazonaws.com', path } });

test('what is not a pod, or would lead elsewhere', () => {
  const cases: [name: string, pod: unknown][] = [
    ['null', null],
    ['an array', []],
    ['no metadata', { spec: {} }],
    ['no spec', { metadata: AGENT_POD['metadata'] }],
    ['no uid', agentPod({ metadata: { uid: undefined } })],
    ['a path as uid', agentPod({ metadata: { uid: '../other' } })],
    ['a dot as uid', agentPod({ metadata: { uid: '.' } })],
    ['a path as mirror', agentPod({ metadata: { annotations: { 'kubernetes.io/config.mirror': '../x' } } })],
    ['a long uid', agentPod({ metadata: { uid: 'a'.repeat(65) } })],
    ['a namespace with a slash', agentPod({ metadata: { namespace: 'a/b' } })],
    ['a name with a line break', agentPod({ metadata: { name: 'a\nb' } })],
  ];
  for (const [name, pod] of cases) assert.equal(readNodePod(pod), undefined, name);
});

test('roles of containers', async (t) => {
  const web = roleContainer('web', {});
  const other = { ...ROLE, AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/other' };
  const cases: [name: string, spec: JsonObject, expected: object[]][] = [
    ['one container', { containers: [web] }, [WEB]],
    ['the same role twice is one', { containers: [web, roleContainer('log', {})] }, [WEB]],
    ['an init container', { initContainers: [web], containers: [{ name: 'app' }] }, [WEB]],
    ['an ephemeral container', { ephemeralContainers: [web] }, [WEB]],
    ['without a role', { containers: [{ name: 'app' }] }, []],
    [
      'two roles: none is that of the pod',
      { containers: [web, roleContainer('log', { env: other })] },
      [
        { ...WEB, container: 'web' },
        { ...WEB, role: 'other', container: 'log' },
      ],
    ],
    [
      'a container with a role and agent token of its own',
      { containers: [web, roleContainer('log', { env: other, own: true })] },
      [WEB, { ...WEB, role: 'other', container: 'log' }],
    ],
    [
      'only one with a role of its own',
      { containers: [roleContainer('log', { own: true })] },
      [{ ...WEB, container: 'log' }],
    ],
    [
      'a session name and a target role',
      {
        containers: [
          roleContainer('web', {
            env: {
              ...ROLE,
              AWS_ROLE_SESSION_NAME: 'me',
              PODROLE_TARGET_ROLE_ARN: 'arn:aws:iam::444455556666:role/far',
            },
          }),
        ],
      },
      [{ ...WEB, session: 'me', target: 'far true' }],
    ],
    [
      'a target role without tags',
      {
        containers: [
          roleContainer('web', {
            env: {
              ...ROLE,
              PODROLE_TARGET_ROLE_ARN: 'arn:aws:iam::444455556666:role/far',
              PODROLE_SESSION_TAGS: 'false',
            },
          }),
        ],
      },
      [{ ...WEB, target: 'far false' }],
    ],
  ];
  for (const [name, spec, expected] of cases)
    await t.test(name, () => assert.deepEqual(grantsOf(agentPod({ spec })), expected));
});

test('a session name of a megabyte is neither kept nor sent, and stays one that STS refuses', () => {
  const env = { ...ROLE, AWS_ROLE_SESSION_NAME: 'x'.repeat(1_000_000) };
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = getHeapStatistics().used_heap_size;
  const pods = Array.from({ length: 50 }, () => {
    const pod: unknown = JSON.parse(
      JSON.stringify(agentPod({ spec: { containers: [roleContainer('web', { env })] } })),
    );
    return readNodePod(pod);
  });
  for (const pod of pods) assert.equal(pod?.grants[0]?.sessionName, 'x'.repeat(65));
  collect();
  const bytes = getHeapStatistics().used_heap_size - before;
  assert.equal(pods.length, 50);
  assert.ok(bytes < 5_000_000, `${bytes} bytes for 50 pods of a megabyte each`);
});

test('a role without a plain token of the pod is none', async (t) => {
  const { AWS_ROLE_ARN } = ROLE;
  const mountAt = (mount: object) => ({ mount: { name: 'aws-iam-token', mountPath: '/x', ...mount } });
  const fileAt = (file: string) => ({ env: { ...ROLE, PODROLE_TOKEN_FILE: file } });
  const cases: [name: string, container: Parameters<typeof roleContainer>[1]][] = [
    ['no token file', { env: { AWS_ROLE_ARN } }],
    ['not a role', { env: { ...ROLE, AWS_ROLE_ARN: 'arn:aws:iam::111122223333:user/web' } }],
    ['a role that kubelet changes', { env: { ...ROLE, AWS_ROLE_ARN: 'arn:aws:iam::1:role/$(X)' } }],
    ['a target that is not a role', { env: { ...ROLE, PODROLE_TARGET_ROLE_ARN: 'far' } }],
    ['a token file that kubelet changes', fileAt('/x/$(X)')],
    ['a relative token file', fileAt('token')],
    ['another file of the volume', fileAt(`${TOKEN_FILE}2`)],
    ['out of the volume', fileAt(`${TOKEN_FILE}/../../token`)],
    ['beside the mount', { ...mountAt({ mountPath: '/var/run/secrets/eks.amazonaws.com/service' }) }],
    [
      'another volume',
      mountAt({ name: 'data', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' }),
    ],
    ['a part of the volume', mountAt({ mountPath: '/var/run/secrets', subPath: 'eks.amazonaws.com' })],
    ['a token from elsewhere', { env: { ...ROLE, PODROLE_TOKEN_FILE: '/proc/1/environ' } }],
  ];
  for (const [name, container] of cases) {
    await t.test(name, () =>
      assert.deepEqual(grantsOf(agentPod({ spec: { containers: [roleContainer('web', container)] } })), []),
    );
  }
  for (const path of ['../token', '/token', 'a/../token', '', './token', 'a//token', 'a\0b']) {
    await t.test(`a token at ${JSON.stringify(path)}`, () => {
      const volumes = [
        {
          name: 'aws-iam-token',
          projected: { sources: [{ serviceAccountToken: { path, audience: 'sts' } }] },
        },
      ];
      const file = `/var/run/secrets/eks.amazonaws.com/serviceaccount/${path}`;
      const containers = [roleContainer('web', { env: { ...ROLE, PODROLE_TOKEN_FILE: file } })];
      assert.deepEqual(grantsOf(agentPod({ spec: { volumes, containers } })), []);
    });
  }
});

test('the deepest mount and the last variable count', () => {
  const deeper = roleContainer('web', {
    mounts: [
      { name: 'aws-iam-token', mountPath: '/' },
      { name: 'data', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount/' },
    ],
  });
  assert.deepEqual(grantsOf(agentPod({ spec: { containers: [deeper] } })), []);
  const env = [
    ...Object.entries(ROLE).map(([name, value]) => ({ name, value })),
    { name: 'AWS_ROLE_ARN', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
  const twice = { ...roleContainer('web', {}), env };
  assert.deepEqual(grantsOf(agentPod({ spec: { containers: [twice] } })), []);
});

test('no JSON value breaks the reader, and too many roles are none', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (containers, volumes, status) => {
      const pod = readNodePod(
        agentPod({ spec: { containers, volumes }, status: { containerStatuses: status } }),
      );
      assert.deepEqual(pod?.grants, []);
    }),
  );
  const containers = Array.from({ length: 65 }, (_, index) =>
    roleContainer(`c${index}`, {
      env: { ...ROLE, AWS_ROLE_ARN: `arn:aws:iam::111122223333:role/r${index}` },
    }),
  );
  assert.deepEqual(grantsOf(agentPod({ spec: { containers } })), []);
  assert.equal(grantsOf(agentPod({ spec: { containers: containers.slice(1) } })).length, 64);
});
