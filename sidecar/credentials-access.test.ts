import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codeOf, messageOf } from '../lib/errors.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { isClosed } from '../metadata/container-credentials/access.ts';
import { openCredentialsAccess } from './credentials-access.ts';
import { sidecarSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-access-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'token');
const SECRET = '/v1/credentials/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f';
let nowMs = 0;

const ENV = {
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_REGION: 'eu-central-1',
};

function open(given: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  return openCredentialsAccess(readSettings(sidecarSettings, given, { ...ENV, ...env }), () => nowMs);
}

/** As kubelet does it. */
function replace(content: string): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

test('everybody on loopback is served, or with IMDSv2 required only clients with a secret', async () => {
  assert.deepEqual(await open({}), { secretPath: undefined, authorization: undefined, isOpen: true });
  assert.ok(!isClosed(await open({})));
  assert.ok(isClosed(await open({ imdsv2: 'required' })));
  assert.ok(!isClosed(await open({ imdsv2: 'required' }, { PODROLE_CREDENTIALS_PATH: SECRET })));
  assert.deepEqual(await (await open({ imdsv2: 'required', authorizationToken: 'abc' })).authorization?.(), [
    'abc',
  ]);
});

test('a path that is easy to guess, unexpanded or elsewhere is refused, and not repeated', () => {
  for (const path of [
    '/v1/credentials',
    '/v1/credentials/',
    '/v1/credentials/1234',
    '/v1/credentials/$(PODROLE_POD_UID)-long',
    '/latest/api/0123456789012345678901',
    `${SECRET}/x`,
    `${SECRET}?`,
    '',
  ]) {
    assert.throws(
      () => readSettings(sidecarSettings, {}, { ...ENV, PODROLE_CREDENTIALS_PATH: path }),
      (thrown) => {
        assert.match(messageOf(thrown), /^PODROLE_CREDENTIALS_PATH: (must be|is given but empty)/);
        return path.length < 20 || !messageOf(thrown).includes(path);
      },
    );
  }
});

test('the file is read at each request; its former content counts for one more minute', async () => {
  replace('Bearer one\n');
  const { authorization } = await open({ authorizationTokenFile: file });
  const expected = async () => (await authorization?.()) ?? [];
  assert.deepEqual(await expected(), ['one']);
  replace('two');
  nowMs = 1_000;
  assert.deepEqual(await expected(), ['two', 'one']);
  nowMs = 60_999;
  assert.deepEqual(await expected(), ['two', 'one']);
  nowMs = 61_000;
  assert.deepEqual(await expected(), ['two']);
  replace('three');
  assert.deepEqual(await expected(), ['three', 'two']);
  replace('four');
  assert.deepEqual(await expected(), ['four', 'three'], 'one former value, not all');
});

test('an authorization token that no client can send ends the start, and is not repeated', () => {
  for (const token of ['Bearer ', ' bearer\t', ' \n', 'two\nlines', 'tab\there', 'tür', 'nul\0']) {
    assert.throws(
      () => readSettings(sidecarSettings, {}, { ...ENV, PODROLE_AUTHORIZATION_TOKEN: token }),
      (thrown) => {
        assert.match(messageOf(thrown), /^PODROLE_AUTHORIZATION_TOKEN: must be one line of printable ASCII/);
        return !/lines|here|tür|nul/.test(messageOf(thrown));
      },
    );
  }
  for (const token of ['abc', 'Bearer a b', 'abc\n', 'tcp://x']) {
    const env = { ...ENV, PODROLE_AUTHORIZATION_TOKEN: token };
    assert.equal(readSettings(sidecarSettings, {}, env).authorizationToken, token);
  }
});

test('an unusable file ends the start, and later nobody is let in', async () => {
  const cases: readonly (readonly [content: string, code: string])[] = [
    ['', 'EMPTY_FILE'],
    [' \n', 'EMPTY_FILE'],
    ['Bearer ', 'EMPTY_FILE'],
    ['two\nlines', 'UNUSABLE_TOKEN'],
    ['Bearer t\u00fcr', 'UNUSABLE_TOKEN'],
    ['x'.repeat(70_000), 'UNREADABLE_FILE'],
  ];
  replace('good');
  const { authorization } = await open({ authorizationTokenFile: file });
  for (const [content, code] of cases) {
    replace(content);
    await assert.rejects(open({ authorizationTokenFile: file }), (thrown) => codeOf(thrown) === code);
    await assert.rejects(
      async () => authorization?.(),
      (thrown) => codeOf(thrown) === code,
    );
  }
  rmSync(file);
  await assert.rejects(open({ authorizationTokenFile: file }), /does not exist/);
});
