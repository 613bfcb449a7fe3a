import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import { loggedPath } from './logged-path.ts';

const HALVES = ['5f0c1f6e-7d0a-4c58', '-9a55-0f1b2c3d4e5f'] as const;

test('a path is logged', () => {
  for (const [url, logged] of [
    ['/v1/credentials', '/v1/credentials'],
    ['/latest/meta-data/iam/security-credentials/web?x', '/latest/meta-data/iam/security-credentials/web'],
    ['/latest/api/token', '/latest/api/token'],
    ['/', '/'],
    ['*', '*'],
  ] as const)
    assert.equal(loggedPath(url), logged);
});

test('nothing of a secret path is logged, however it is written', () => {
  const [one, other] = HALVES;
  for (const url of [
    `/v1/credentials/${one}${other}`,
    `/v1/credentials//${one}/${other}`,
    `//v1//credentials//${one}//${other}`,
    `/v1/credentials%2F${one}%2F${other}`,
    `/v1/%63redentials/${one}/${other}`,
    `/v1%252Fcredentials%25252F${one}/${other}`,
    `/v1/credentials/./${one}/../${other}`,
    `/V1/Credentials/${one}/${other}`,
    `/v1\\credentials\\${one}\\${other}`,
    `/v1/credentials;${one}/${other}`,
    `/v1/credentials${one}/${other}`,
    `/v1/credentials%0A${one}/%0A${other}`,
    `/credentials/${one}/${other}`,
    `http://localhost/v1/credentials/${one}/${other}`,
    `/v1/credentials%3F${one}/${other}`,
    `/v1/credentials?${one}/${other}`,
    `/${one}${other}`,
  ]) {
    const logged = loggedPath(url);
    assert.ok(!HALVES.some((half) => logged.includes(half)), `${url} is logged as ${logged}`);
  }
});

test('no part of a secret path is logged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[0-9]{4,8}$/), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('/', '//', '%2f', '/../', '/%20'),
      (parts, between) => assert.doesNotMatch(loggedPath(`/v1/credentials/${parts.join(between)}`), /\d{4}/),
    ),
  );
});

test('linear', async () => {
  for (const part of ['/', '/credentials', '\\', '%25', '%2F', 'a'])
    await assertLinear((size) => () => loggedPath(`/v1${part.repeat(size)}`));
});
