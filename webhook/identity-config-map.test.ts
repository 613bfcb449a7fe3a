import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings.ts';
import { parseIdentityConfigMap } from './identity-config-map.ts';
import { identitySettings } from './settings.ts';

const settings = readSettings(identitySettings, { tokenExpiration: '1800', stsRegionalEndpoint: true }, {});
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const parse = (config: unknown) => parseIdentityConfigMap(JSON.stringify(config), settings);

test('what an entry leaves out is as the settings say, and its expiration is kept within limits', () => {
  const { identities, faults } = parse({
    'shop/web': { RoleARN: role('a') },
    'shop/api': {
      rolearn: role('b'),
      AUDIENCE: 'sts.example.com',
      UseRegionalSTS: false,
      TokenExpiration: 5,
    },
    'shop/zero': { RoleARN: role('c'), Audience: '', TokenExpiration: 0 },
  });
  assert.deepEqual(faults, []);
  assert.equal(identities?.size, 3);
  const defaults = { audience: 'sts.amazonaws.com', regionalSts: true, expirationSeconds: 1800 };
  assert.deepEqual(identities.find('shop', 'web'), { roleArn: role('a'), ...defaults });
  assert.deepEqual(identities.find('shop', 'zero'), { roleArn: role('c'), ...defaults });
  assert.deepEqual(identities.find('shop', 'api'), {
    roleArn: role('b'),
    audience: 'sts.example.com',
    regionalSts: false,
    expirationSeconds: 600,
  });
  assert.equal(identities.find('other', 'web'), undefined);
});

test('an exact key wins, then the most specific pattern, whatever their order', () => {
  const patterns = ['*/*', 'shop/web', '*/web', 'test-*/web', 'shop/web-*', 'te*-a/web', 'a.c/web'];
  const entries = patterns.map((key, index) => [key, { RoleARN: role(`r${index}`) }] as const);
  const cases: [namespace: string, name: string, key: string][] = [
    ['shop', 'web', 'shop/web'],
    ['any', 'web', '*/web'],
    ['test-1', 'web', 'test-*/web'],
    ['shop', 'web-', 'shop/web-*'],
    ['shop', 'web-api', 'shop/web-*'],
    ['test-a', 'web', 'test-*/web'],
    ['te-a', 'web', 'te*-a/web'],
    ['abc', 'web', '*/web'],
    ['any', 'thing', '*/*'],
  ];
  for (const order of [entries, entries.toReversed()]) {
    const { identities } = parse(Object.fromEntries(order));
    for (const [namespace, name, key] of cases) {
      const found = identities?.find(namespace, name)?.roleArn;
      assert.equal(found, role(`r${patterns.indexOf(key)}`), `${namespace}/${name}`);
    }
  }
});

test('a malformed entry is reported and left out, the others count', () => {
  const { identities, faults } = parse({
    'no-slash': { RoleARN: role('a') },
    'a/b/c': { RoleARN: role('a') },
    '/web': { RoleARN: role('a') },
    'shop/none': null,
    'shop/malformed': { RoleARN: 'web' },
    'shop/audience': { RoleARN: role('a'), Audience: 1 },
    'shop/sts': { RoleARN: role('a'), UseRegionalSTS: 'yes' },
    'shop/expiration': { RoleARN: role('a'), TokenExpiration: '600' },
    'shop/good': { RoleARN: role('a') },
  });
  assert.equal(identities?.size, 1);
  assert.deepEqual(
    faults.map(({ code, object, problem }) => `${code} ${object.split(' ').at(-1)} ${problem.split(',')[0]}`),
    [
      'INVALID_IDENTITY_CONFIG_MAP "no-slash" is not NAMESPACE/SERVICEACCOUNT',
      'INVALID_IDENTITY_CONFIG_MAP "a/b/c" is not NAMESPACE/SERVICEACCOUNT',
      'INVALID_IDENTITY_CONFIG_MAP "/web" is not NAMESPACE/SERVICEACCOUNT',
      'INVALID_IDENTITY_CONFIG_MAP "shop/none" is not a JSON object',
      'INVALID_IDENTITY_CONFIG_MAP "shop/malformed" has the RoleARN "web"',
      'INVALID_IDENTITY_CONFIG_MAP "shop/audience" has an Audience that is not a text',
      'INVALID_IDENTITY_CONFIG_MAP "shop/sts" has a UseRegionalSTS that is not true or false',
      'INVALID_IDENTITY_CONFIG_MAP "shop/expiration" has a TokenExpiration that is not a whole number of seconds',
    ],
  );
});

test('no text means no identities; a text that is no JSON object leaves the last good ones in use', () => {
  for (const text of [undefined, '', ' \n']) {
    const { identities, faults } = parseIdentityConfigMap(text, settings);
    assert.equal(identities?.size, 0);
    assert.deepEqual(faults, []);
  }
  for (const text of ['{', '[]', '"shop/web"']) {
    const { identities, faults } = parseIdentityConfigMap(text, settings);
    assert.equal(identities, undefined);
    assert.equal(faults.length, 1);
  }
});
