import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { SEGMENTS_MAX_LENGTH } from '../lib/text/glob.ts';
import { assertLinear } from '../testing/cost/step-count.ts';
import { parseIdentityConfigMap } from './config-map.ts';
import { identitySettings } from './settings/identity-settings.ts';

const settings = readSettings(identitySettings, { tokenExpiration: '1800', stsRegionalEndpoint: true }, {});
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const parse = (config: unknown) => parseIdentityConfigMap(JSON.stringify(config), settings);

test('the settings supply what an entry leaves out, and its expiration stays within the limits', () => {
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

test('an exact key wins, then the most specific pattern, in any order', () => {
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

test('role ARNs of other servers, and unusual ones, are used as they are', () => {
  const arns = [
    'arn:minio:iam:::role/nOybJqMNzNmroqEKq5D0EUsRZw0',
    'arn:aws:iam:::role/web',
    'arn:aws:iam::tenant1:role/web',
    'arn:aws:iam::RGW11111111111111111:role/web',
    'arn:aws:iam::1111:role/web',
  ];
  const config = arns.map((arn, index) => [`shop/${index}`, { RoleARN: arn }] as const);
  const { identities, faults } = parse(Object.fromEntries(config));
  assert.deepEqual(faults, []);
  assert.deepEqual(
    arns.map((_, index) => identities?.find('shop', String(index))?.roleArn),
    arns,
  );
});

test('a malformed entry is reported and left out, the others count', () => {
  const { identities, faults } = parse({
    'no-slash': { RoleARN: role('a') },
    'a/b/c': { RoleARN: role('a') },
    '/web': { RoleARN: role('a') },
    'shop/none': null,
    'shop/malformed': { RoleARN: 'arn:aws:iam::tenant1:policy/web' },
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
      'INVALID_IDENTITY_CONFIG_MAP "shop/malformed" has the RoleARN "arn:aws:iam::tenant1:policy/web"',
      'INVALID_IDENTITY_CONFIG_MAP "shop/audience" has an Audience that is not a string',
      'INVALID_IDENTITY_CONFIG_MAP "shop/sts" has a UseRegionalSTS that is not true or false',
      'INVALID_IDENTITY_CONFIG_MAP "shop/expiration" has a TokenExpiration that is not a whole number of seconds',
    ],
  );
});

test('an empty text clears the identities; one that is not a JSON object keeps the last good ones', () => {
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

test('a * matches within its segment only, and every other character matches itself', () => {
  const { identities } = parse({ 'sh*b/x': { RoleARN: role('a') }, 'a.c?/[x]*': { RoleARN: role('b') } });
  assert.equal(identities?.find('shop', 'web/x'), undefined);
  assert.equal(identities?.find('shob', 'x')?.roleArn, role('a'));
  assert.equal(identities?.find('abcd', 'xy'), undefined);
  assert.equal(identities?.find('a.c?', '[x]y')?.roleArn, role('b'));
});

test('a pattern of many stars takes steps in proportion to the length of the name', async () => {
  for (const stars of [5, 30]) {
    const { identities } = parse({ [`*/${'*a'.repeat(stars)}*b`]: { RoleARN: role('a') } });
    await assertLinear(
      (size) => {
        const name = 'a'.repeat(size);
        return () => identities?.find('shop', name);
      },
      { size: 38 },
    );
  }
});

test('the steps of a look-up grow with the number of patterns', async () => {
  await assertLinear(
    (size) => {
      const keys = Array.from({ length: size }, (_, at) => [`*/*a*a*${at}`, { RoleARN: role('a') }]);
      const { identities } = parse(Object.fromEntries(keys));
      return () => identities?.find('shop', 'a'.repeat(100));
    },
    { size: 20 },
  );
});

test('a key longer than any Kubernetes name is left out, and reported in a short line', () => {
  const longest = `*/${'a*'.repeat(200)}`.slice(0, SEGMENTS_MAX_LENGTH);
  const { identities, faults } = parse({
    [longest]: { RoleARN: role('a') },
    [`${longest}*`]: { RoleARN: role('b') },
    [`*/${'*'.repeat(100_000)}`]: { RoleARN: role('c') },
  });
  assert.equal(identities?.size, 1);
  assert.deepEqual(
    faults.map(({ problem }) => problem),
    ['is longer than 317 characters', 'is longer than 317 characters'],
  );
  assert.ok(JSON.stringify(faults).length < 1_000);
});
