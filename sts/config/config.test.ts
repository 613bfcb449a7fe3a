import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { parseStsConfig } from './config.ts';

const TRUST = { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRoleWithWebIdentity' } };
const PROVIDER = { url: 'https://oidc.example.com/one', clientIDs: ['sts.amazonaws.com'] };
const ROLE = { arn: 'arn:aws-cn:iam::111122223333:role/team/web', trustPolicy: TRUST };
const ALLOWS = { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } };
const FILES: Readonly<Record<string, string>> = {
  'ca.crt': 'PEM',
  'trust.json': JSON.stringify(TRUST),
  'policy.json': JSON.stringify(ALLOWS),
  'bad.json': '{',
};

function parse(document: unknown) {
  return parseStsConfig(document, 'sts.yaml', (path) => {
    const content = FILES[path];
    if (content === undefined) throw new Error(`no file ${path}`);
    return content;
  });
}

test('defaults come from the first role', () => {
  const config = parse({ providers: [PROVIDER], roles: [ROLE] });
  assert.equal(config.account, '111122223333');
  assert.deepEqual(config.providers.get(PROVIDER.url), {
    ...PROVIDER,
    arn: 'arn:aws-cn:iam::111122223333:oidc-provider/oidc.example.com/one',
    thumbprints: [],
  });
  const role = config.roles.get(ROLE.arn);
  assert.equal(role?.maxSessionDurationSeconds, 3_600);
  assert.equal(role?.name, 'web');
  assert.equal(role?.trustPolicy.statements.length, 1);
});

test('a tenant of Ceph, and its default tenant', () => {
  for (const account of ['tenant1', 'RGW11111111111111111', '']) {
    const arn = `arn:aws:iam::${account}:role/web`;
    const config = parse({ providers: [PROVIDER], roles: [{ ...ROLE, arn }] });
    assert.equal(config.account, account);
    assert.equal(config.roles.get(arn)?.name, 'web');
    const provider = config.providers.get(PROVIDER.url);
    assert.equal(provider?.arn, `arn:aws:iam::${account}:oidc-provider/oidc.example.com/one`);
  }
  const two = [ROLE, { ...ROLE, arn: 'arn:aws-cn:iam:::role/web' }];
  assertFaults(() => parse({ providers: [PROVIDER], roles: two }), [/roles\[1\].arn: is not in the account/]);
});

test('every field is read, including the files that it names', () => {
  const config = parse({
    account: '111122223333',
    providers: [
      {
        ...PROVIDER,
        arn: 'arn:aws-cn:iam::111122223333:oidc-provider/oidc.example.com/one',
        caFile: 'ca.crt',
        connectTo: '[::1]:8443',
        thumbprints: ['0123456789abcdef0123456789abcdef01234567'],
      },
    ],
    roles: [{ arn: ROLE.arn, trustPolicyFile: 'trust.json', maxSessionDuration: 43_200 }],
  });
  const provider = config.providers.get(PROVIDER.url);
  assert.equal(provider?.ca, 'PEM');
  assert.deepEqual(provider?.connectTo, { host: '::1', port: 8443 });
  assert.equal(config.roles.get(ROLE.arn)?.maxSessionDurationSeconds, 43_200);
});

test('a role of another account may be there if it takes no tokens, and a policy from a file', () => {
  const Principal = { AWS: ROLE.arn };
  const trustPolicy = { Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } };
  const other = { arn: 'arn:aws-cn:iam::999999999999:role/x', trustPolicy };
  const config = parse({ providers: [PROVIDER], roles: [{ ...ROLE, policyFile: 'policy.json' }, other] });
  assert.equal(config.account, '111122223333');
  assert.equal(config.roles.get(other.arn)?.account, '999999999999');
  assert.deepEqual(config.roles.get(ROLE.arn)?.policy?.[0]?.resources, ['*']);
  const inOtherPartition = { ...other, arn: 'arn:aws:iam::999999999999:role/x' };
  assertFaults(
    () => parse({ providers: [PROVIDER], roles: [ROLE, inOtherPartition] }),
    [/roles\[1\]\.arn: is not in the account/],
  );
});

const provider = (members: object) => ({ providers: [{ ...PROVIDER, ...members }], roles: [ROLE] });
const role = (members: object) => ({ providers: [PROVIDER], roles: [{ ...ROLE, ...members }] });

const malformed: readonly (readonly [string, unknown, readonly RegExp[]])[] = [
  ['not an object', null, [/^sts\.yaml: is not an object/m, /providers: is missing/, /roles: is missing/]],
  [
    'an unknown member',
    { providers: [PROVIDER], roles: [ROLE], provider: [] },
    [/^sts\.yaml provider: is unknown; did you mean providers\? known are account, providers, roles;/],
  ],
  [
    'a misspelt list',
    { providers: [PROVIDER], rolls: [ROLE] },
    [/^sts\.yaml rolls: is unknown; did you mean roles\? /m, /roles: is missing/],
  ],
  [
    'a misspelt member',
    role({ trustPolcy: {} }),
    [/roles\[0\]\.trustPolcy: is unknown; did you mean trustPolicy\?/],
  ],
  ['an unknown member without a near one', provider({ x: 1 }), [/providers\[0\]\.x: is unknown; known are/]],
  [
    'a member with control characters',
    provider({ '\u001b[31m': 1 }),
    [/providers\[0\]\.\S+\[31m: is unknown/],
  ],
  [
    'an empty client ID',
    provider({ clientIDs: [''] }),
    [/a list of 1 to 100 strings of 1 to 255 characters/],
  ],
  ['a short thumbprint', provider({ thumbprints: ['ab'] }), [/SHA-1 fingerprints of 40 hex digits/]],
  ['http', provider({ url: 'http://a' }), [/providers\[0\]\.url: is not a URL that begins/]],
  ['a port', provider({ url: 'https://a:8443' }), [/providers\[0\]\.url: has a port/]],
  ['port 443', provider({ url: 'https://a:443/x' }), [/providers\[0\]\.url: has a port/]],
  ['a long url', provider({ url: `https://a/${'b'.repeat(250)}` }), [/longer than IAM's 255/]],
  [
    'another ARN',
    provider({ arn: 'arn:aws:iam::1:oidc-provider/x' }),
    [/providers\[0\]\.arn: is not arn:aws-cn/],
  ],
  [
    'no client IDs',
    provider({ clientIDs: undefined }),
    [/providers\[0\]\.clientIDs: must be a list of 1 to 100/],
  ],
  ['client IDs as a string', provider({ clientIDs: 'sts.amazonaws.com' }), [/clientIDs/]],
  ['too many client IDs', provider({ clientIDs: Array.from({ length: 101 }, String) }), [/clientIDs/]],
  ['a thumbprint', provider({ thumbprints: ['ab:cd'] }), [/providers\[0\]\.thumbprints/]],
  ['connectTo', provider({ connectTo: 'localhost' }), [/providers\[0\]\.connectTo: is not HOST:PORT/]],
  ['a missing CA file', provider({ caFile: 'x.crt' }), [/providers\[0\]\.caFile: no file x\.crt/]],
  ['a role ARN', role({ arn: 'web' }), [/roles\[0\]\.arn: is not arn:/]],
  [
    'a short duration',
    role({ maxSessionDuration: 900 }),
    [/roles\[0\]\.maxSessionDuration: is not a whole number from 3600/],
  ],
  ['no trust policy', role({ trustPolicy: undefined }), [/roles\[0\]: needs either/]],
  ['two trust policies', role({ trustPolicyFile: 'trust.json' }), [/roles\[0\]: needs either/]],
  [
    'a trust policy file without JSON',
    role({ trustPolicy: undefined, trustPolicyFile: 'bad.json' }),
    [/trustPolicyFile: is not JSON/],
  ],
  [
    'a missing trust policy file',
    role({ trustPolicy: undefined, trustPolicyFile: 'x.json' }),
    [/trustPolicyFile: no file/],
  ],
  [
    'a malformed trust policy',
    role({ trustPolicy: { Statement: {} } }),
    [/roles\[0\]\.trustPolicy Statement\[0\]\.Effect/, /Principal/, /Action/],
  ],
  [
    'a role of another account',
    { providers: [PROVIDER], roles: [ROLE, { ...ROLE, arn: 'arn:aws-cn:iam::999999999999:role/x' }] },
    [/roles\[1\]\.arn: is not in the account/],
  ],
  [
    'an account that is a number',
    { account: 111122223333, providers: [PROVIDER], roles: [ROLE] },
    [/account: is not a string/],
  ],
  [
    'a provider twice',
    { providers: [PROVIDER, PROVIDER], roles: [ROLE] },
    [/providers\[1\]\.url: is used twice/],
  ],
  [
    'a policy and a file of one',
    role({ policy: ALLOWS, policyFile: 'policy.json' }),
    [/roles\[0\]: has both policy and policyFile/],
  ],
  ['a policy file without JSON', role({ policyFile: 'bad.json' }), [/policyFile: is not JSON/]],
  [
    'a policy without a resource',
    role({ policy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole' } } }),
    [/roles\[0\]\.policy Statement\[0\]: needs either Resource or NotResource/],
  ],
  [
    'a policy without an action',
    role({ policy: { Statement: { Effect: 'Allow', Resource: '*' } } }),
    [/roles\[0\]\.policy Statement\[0\].*Action/],
  ],
  ['a role twice', { providers: [PROVIDER], roles: [ROLE, ROLE] }, [/roles\[1\]\.arn: is used twice/]],
];
for (const [name, document, messages] of malformed) {
  test(`malformed: ${name}`, () => assertFaults(() => parse(document), messages));
}
