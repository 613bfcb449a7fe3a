import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { assertFaults } from '../testing/faults.ts';
import { completeSidecarSettings } from './complete-settings.ts';
import { sidecarSettings } from './settings.ts';

const INJECTED = {
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/team/web',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_REGION: 'eu-central-1',
};

function plan(given: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = INJECTED) {
  return completeSidecarSettings(readSettings(sidecarSettings, given, env), {
    env,
    hostname: 'web-7d9f',
    startedAt: new Date(0),
  });
}

test('the injected environment is enough, and a role with a path is named without it', async () => {
  const { target, facts } = plan({});
  assert.deepEqual(target, {
    endpoint: new URL('https://sts.eu-central-1.amazonaws.com/'),
    caFile: undefined,
    roleArn: 'arn:aws:iam::111122223333:role/team/web',
    sessionName: 'podrole-web-7d9f',
    durationSeconds: 3_600,
    tokenFile: '/token',
  });
  assert.equal(facts.role.name, 'web');
  assert.match(facts.instanceId, /^i-[0-9a-f]{17}$/);
  assert.equal(facts.instanceId, plan({}).facts.instanceId);
});

test('flags win over our variables, then those of SDKs, then the labels of the pod', () => {
  const labelled = { ...INJECTED, PODROLE_TOPOLOGY_REGION: 'us-west-2', PODROLE_TOPOLOGY_ZONE: 'us-west-2b' };
  const cases: readonly (readonly [given: object, env: Record<string, string>, region: string])[] = [
    [{}, { ...labelled, AWS_REGION: '', AWS_DEFAULT_REGION: '' }, 'us-west-2'],
    [{}, { ...labelled, AWS_REGION: '', AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
    [{}, labelled, 'eu-central-1'],
    [{}, { ...labelled, PODROLE_REGION: 'eu-west-1' }, 'eu-west-1'],
    [{ region: 'eu-west-3' }, { ...labelled, PODROLE_REGION: 'eu-west-1' }, 'eu-west-3'],
  ];
  for (const [given, env, region] of cases) {
    const { facts } = plan({ ...given }, env);
    assert.deepEqual([facts.region, facts.availabilityZone], [region, 'us-west-2b']);
  }
  assert.equal(plan({}, { ...INJECTED, PODROLE_TOPOLOGY_ZONE: '' }).facts.availabilityZone, undefined);
  assert.equal(plan({}, { ...INJECTED, AWS_ROLE_SESSION_NAME: 'shop.web' }).target.sessionName, 'shop.web');
});

test('the STS is that of the region in its partition, or from the environment', () => {
  const cases: readonly (readonly [region: string, env: Record<string, string>, url: string])[] = [
    ['us-east-1', {}, 'https://sts.us-east-1.amazonaws.com/'],
    ['cn-north-1', {}, 'https://sts.cn-north-1.amazonaws.com.cn/'],
    ['us-gov-west-1', {}, 'https://sts.us-gov-west-1.amazonaws.com/'],
    ['us-isob-east-1', {}, 'https://sts.us-isob-east-1.sc2s.sgov.gov/'],
    ['eusc-de-east-1', {}, 'https://sts.eusc-de-east-1.amazonaws.eu/'],
    ['default', { AWS_ENDPOINT_URL_STS: 'http://rgw:8000' }, 'http://rgw:8000/'],
    ['us-east-1', { AWS_ENDPOINT_URL: 'https://all.test/sts' }, 'https://all.test/sts'],
    ['us-east-1', { AWS_ENDPOINT_URL_STS: 'http://one/', AWS_ENDPOINT_URL: 'http://two/' }, 'http://one/'],
    ['us-east-1', { AWS_ENDPOINT_URL_STS: '' }, 'https://sts.us-east-1.amazonaws.com/'],
  ];
  for (const [region, env, url] of cases) {
    assert.equal(plan({ region }, { ...INJECTED, ...env }).target.endpoint.href, url);
  }
});

test('all faults of the settings are reported at once', () => {
  assertFaults(
    () => plan({ port: 'http', roleArn: 'web', sessionName: 'a b', instanceId: 'x', imdsv2: 'yes' }, {}),
    [
      /--port/,
      /--role-arn: is "web"/,
      /--session-name/,
      /--instance-id/,
      /--imdsv2/,
      /--token-file: is not set/,
      /--region: is not set.*AWS_REGION/,
    ],
  );
  assertFaults(
    () => plan({ region: 'europe-west1', authorizationToken: 't', authorizationTokenFile: 'f' }),
    [
      /--region: "europe-west1" is not an AWS region.*AWS_ENDPOINT_URL_STS/,
      /--authorization-token: excludes/,
    ],
  );
  assertFaults(
    () => plan({}, { ...INJECTED, AWS_ENDPOINT_URL_STS: 'sts.local:8080' }),
    [/AWS_ENDPOINT_URL_STS: is "sts\.local:8080"/],
  );
});

const TARGET = 'arn:aws:iam::444455556666:role/shared/reader';
const POD = {
  PODROLE_TARGET_ROLE_ARN: TARGET,
  PODROLE_CLUSTER_NAME: 'prod',
  PODROLE_NAMESPACE: 'shop',
  PODROLE_SERVICE_ACCOUNT: 'web',
  PODROLE_POD_NAME: 'web-1',
  PODROLE_POD_UID: 'uid-1',
};

test('a target role is served, and assumed with external id and tags', () => {
  const { target, targetRole, facts } = plan({}, { ...INJECTED, ...POD });
  assert.equal(target.roleArn, INJECTED.AWS_ROLE_ARN);
  assert.equal(facts.role.arn, TARGET);
  assert.equal(targetRole?.roleArn, TARGET);
  assert.equal(targetRole?.externalId, 'eu-central-1/111122223333/prod/shop/web');
  assert.equal(targetRole?.tags?.['kubernetes-pod-uid'], 'uid-1');
  assert.equal(plan({ sessionTags: false }, { ...INJECTED, ...POD }).targetRole?.tags, undefined);
  assert.equal(plan({}).targetRole, undefined);
  const untagged = {
    ...INJECTED,
    ...POD,
    PODROLE_POD_NAME: '',
    PODROLE_POD_UID: '',
    PODROLE_SESSION_TAGS: 'false',
  };
  assert.equal(plan({}, untagged).targetRole?.tags, undefined);
});

test('a target role without the facts of the pod is an error for each, never the own role', () => {
  const env = { ...INJECTED, PODROLE_TARGET_ROLE_ARN: TARGET };
  const ofExternalId = [/--cluster-name: is not set/, /--namespace/, /--service-account/];
  assertFaults(() => plan({}, env), [...ofExternalId, /--pod-name/, /--pod-uid: .* set PODROLE_POD_UID/]);
  assertFaults(() => plan({ sessionTags: 'false' }, env), ofExternalId);
  assertFaults(
    () => plan({}, { ...env, ...POD, PODROLE_TARGET_ROLE_ARN: '' }),
    [/^PODROLE_TARGET_ROLE_ARN: is given but empty/],
  );
  assertFaults(
    () => plan({ targetRoleArn: 'reader', clusterName: 'a/b', namespace: 'A', podUid: '../x' }),
    [/--target-role-arn: is "reader"/, /--cluster-name: is "a\/b"/, /--namespace/, /--pod-uid/],
  );
});

test('a session name is valid whatever the host is called', () => {
  const settings = readSettings(sidecarSettings, {}, INJECTED);
  for (const hostname of ['Ann\u2019s laptop', 'x'.repeat(253), '']) {
    const { sessionName } = completeSidecarSettings(settings, {
      env: INJECTED,
      hostname,
      startedAt: new Date(0),
    }).target;
    assert.match(sessionName, /^[\w+=,.@-]{2,64}$/);
  }
});
