import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import { findKeys } from './find-keys.ts';
import { keysInData, keysInPod } from './keys-in-objects.ts';

// Those of AWS's documentation, in two parts: scanners of sources look for them too.
const ID = `AKIA${'IOSFODNN7EXAMPLE'}`;
const SECRET = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');
const PROFILE = `[default]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const inLines = (text: string) => text.replace(/(.{60})/g, '$1\n  ');

const TEXTS: readonly (readonly [name: string, text: string, hasSecret: boolean | undefined])[] = [
  ['a profile', PROFILE, true],
  ['a profile in base64', base64(PROFILE), true],
  ['a profile in base64 twice', base64(base64(PROFILE)), true],
  ['a profile in base64 in lines', inLines(base64(PROFILE)), true],
  ['a profile in base64url', Buffer.from(PROFILE).toString('base64url'), true],
  ['base64 in JSON', JSON.stringify({ credentials: base64(PROFILE) }), true],
  ['JSON with escaped line breaks', JSON.stringify({ credentials: PROFILE }), true],
  ['a variable', `AWS_ACCESS_KEY_ID=${ID}`, false],
  ['an env file', `AWS_ACCESS_KEY_ID=${ID}\nAWS_SECRET_ACCESS_KEY=${SECRET}\n`, true],
  ['an env file in base64', base64(`AWS_ACCESS_KEY_ID=${ID}\nAWS_SECRET_ACCESS_KEY=${SECRET}`), true],
  ['arguments', `--access-key=${ID} --secret-key=${SECRET}`, true],
  ['an env file in JSON', JSON.stringify(`AWS_ACCESS_KEY_ID=${ID}\nAWS_SECRET_ACCESS_KEY=${SECRET}`), true],
  ['escaped lines without names', JSON.stringify(`${ID}\n${SECRET}\n`), true],
  ['a digest of base64 with padding', `${ID} ${SECRET}==`, false],
  ['the ID alone', ID, false],
  ['in quotes', `"${ID}"`, false],
  ['a digest and an ID', `${ID} sha1:0123456789abcdef0123456789abcdef01234567`, false],
  ['a session', `ASIA${ID.slice(4)} ${SECRET}`, undefined],
  ['a longer word', `X${ID}`, undefined],
  ['a longer word at the end', `${ID}Z`, undefined],
  ['small letters', ID.toLowerCase(), undefined],
  ['a secret without an ID', SECRET, undefined],
  ['nothing', '', undefined],
];

for (const [name, text, hasSecret] of TEXTS) {
  test(`static keys in ${name}`, () => {
    const expected = hasSecret === undefined ? [] : [{ maskedKeyId: 'AKIA…MPLE', hasSecret }];
    assert.deepEqual(findKeys(text), expected);
  });
}

const metadata = { namespace: 'shop', name: 'web' };
const found = (place: string, hasSecret: boolean) => [
  { place, maskedKeyId: 'AKIA…MPLE', hasSecret, namespace: 'shop', name: 'web' },
];

const OBJECTS: readonly (readonly [name: string, keys: readonly object[], expected: readonly object[]])[] = [
  [
    'a Secret with two keys',
    keysInData('Secret', { metadata, data: { id: base64(ID), secret: base64(SECRET) } }),
    found('key id', true),
  ],
  [
    'a Secret with an ID',
    keysInData('Secret', { metadata, data: { id: base64(ID), other: base64('x') } }),
    found('key id', false),
  ],
  [
    'a ConfigMap',
    keysInData('ConfigMap', { metadata, data: { credentials: PROFILE } }),
    found('key credentials', true),
  ],
  [
    'binary data of a ConfigMap',
    keysInData('ConfigMap', { metadata, binaryData: { credentials: base64(PROFILE) } }),
    found('key credentials', true),
  ],
  [
    'the annotation of kubectl apply',
    keysInData('Secret', {
      metadata: { ...metadata, annotations: { applied: JSON.stringify({ data: { a: base64(PROFILE) } }) } },
      data: {},
    }),
    found('annotation applied', true),
  ],
  [
    'a member whose name is the ID',
    keysInData('Secret', { metadata, data: { [ID]: base64(SECRET) } }),
    found('key AKIA…MPLE', true),
  ],
  [
    'a value below another ID',
    keysInData('ConfigMap', { metadata, data: { [ID]: ID } }),
    found('key AKIA…MPLE', false),
  ],
  [
    'variables of a pod',
    keysInPod({
      metadata,
      spec: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'AWS_ACCESS_KEY_ID', value: ID },
              { name: 'AWS_SECRET_ACCESS_KEY', value: SECRET },
            ],
          },
        ],
      },
    }),
    found('variable AWS_ACCESS_KEY_ID of container a', true),
  ],
  [
    'arguments of an init container',
    keysInPod({ metadata, spec: { initContainers: [{ name: 'i', args: ['--key', ID] }] } }),
    found('args of container i', false),
  ],
  [
    'an annotation',
    keysInPod({ metadata: { ...metadata, annotations: { note: PROFILE } }, spec: {} }),
    found('annotation note', true),
  ],
  [
    'objects of another form',
    [
      ...keysInData('Secret', { metadata, data: { id: 7 } }),
      ...keysInData('ConfigMap', { data: 'x' }),
      ...keysInPod({ spec: { containers: ['x', { env: 'x', args: [7] }] } }),
    ],
    [],
  ],
];

for (const [name, keys, expected] of OBJECTS) {
  test(`static keys in ${name}`, () => {
    assert.deepEqual(
      keys.map((key) => ({ ...key, kind: undefined })),
      expected.map((key) => ({ ...key, kind: undefined })),
    );
    assert.equal(JSON.stringify(keys).includes(SECRET), false);
    assert.equal(JSON.stringify(keys).includes(ID), false);
  });
}

for (const unit of [
  `${ID} `,
  `${SECRET}\n`,
  'A',
  'AKIA',
  `${base64(PROFILE)}\n`,
  '= \n',
  'A'.repeat(24),
  '\n   ',
]) {
  test(`work for long texts is linear: ${JSON.stringify(unit.slice(0, 20))}`, async () => {
    await assertLinear((size) => {
      const text = unit.repeat(size);
      return () => findKeys(text);
    });
  });
}
