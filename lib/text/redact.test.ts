import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Fault, PodroleError } from '../errors.ts';
import { redactSecrets } from './redact.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJzeXN0ZW0ifQ.c2ln-bmF0_dXJl';
const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SESSION_TOKEN = `IQoJb3JpZ2luX2VjE${'Ab1/+'.repeat(40)}==`;
const everyByte = (text: string) =>
  [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');

test('strings that look like a secret are removed, encoded or not, and the rest stays', () => {
  const cases: readonly (readonly [said: string, left: string])[] = [
    [`Token ${JWT} is expired`, 'Token [redacted] is expired'],
    [`"${JWT}"`, '"[redacted]"'],
    [`cut: ${JWT.slice(0, 60)}`, 'cut: [redacted]'],
    [`cut: ${JWT.slice(0, 20)}…`, 'cut: [redacted]…'],
    [`WebIdentityToken=${encodeURIComponent(JWT)}&x=1`, 'WebIdentityToken=[redacted]&x=1'],
    [`t=${JWT.replaceAll('.', '%2E')}&x=1`, 't=[redacted]&x=1'],
    [`at ${everyByte(JWT)} end`, 'at [redacted] end'],
    [`at ${encodeURIComponent(everyByte(JWT))} end`, 'at [redacted] end'],
    [`key ${SECRET_KEY}.`, 'key [redacted].'],
    [`key ${encodeURIComponent(SECRET_KEY)} x`, 'key [redacted] x'],
    [`token ${SESSION_TOKEN} x`, 'token [redacted] x'],
    [`X-Amz-Security-Token=${encodeURIComponent(SESSION_TOKEN)}&X`, 'X-Amz-Security-Token=[redacted]&X'],
    ['Authorization: Bearer abcdefgh12', 'Authorization: Bearer [redacted]'],
    ['<SecretAccessKey>abc/def</SecretAccessKey>', '<SecretAccessKey>[redacted]</SecretAccessKey>'],
    ['{"sessionToken": "abc+def"}', '{"sessionToken": "[redacted]"}'],
    ['https://user:pass@host/x', 'https://user:[redacted]@host/x'],
    ['http://user:p@ss@proxy:3128', 'http://user:[redacted]@proxy:3128'],
    ['http://:pass@proxy', 'http://:[redacted]@proxy'],
    ['https://ghp_abcdefABCDEF0123456789@host/x', 'https://[redacted]@host/x'],
    ['ssh://git@host', 'ssh://git@host'],
    ['https://b/k?X-Amz-Signature=0123abcd0123&x=1', 'https://b/k?X-Amz-Signature=[redacted]&x=1'],
    ['https://b/k?X-Amz-Security-Token=FwoGZX&x=1', 'https://b/k?X-Amz-Security-Token=[redacted]&x=1'],
    ['https://b/k?X-Goog-Signature=0123abcd', 'https://b/k?X-Goog-Signature=[redacted]'],
    ['https://b/k?sv=1&sig=abcDEF123xyz=', 'https://b/k?sv=1&sig=[redacted]'],
    ['access_token=abcdefgh, client-secret: abcd', 'access_token=[redacted], client-secret: [redacted]'],
    ['the signature=wrong', 'the signature=wrong'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
      '[redacted]-----END RSA PRIVATE KEY-----',
    ],
  ];
  for (const [said, left] of cases) assert.equal(redactSecrets(said), left);
});

test('however often a secret is percent-encoded', () => {
  let encoded = JWT;
  for (let times = 0; times < 8; times += 1) {
    encoded = encodeURIComponent(times === 0 ? everyByte(encoded) : encoded);
    assert.equal(redactSecrets(`at ${encoded} end`), 'at [redacted] end');
  }
});

test('no piece of a known secret is left, even if the server wraps or cuts it', () => {
  const long = `${JWT.slice(0, -4)}${'Ab1-_cD2'.repeat(60)}`;
  const separators = [
    '\n',
    '\r\n ',
    ',',
    ', ',
    '\u200b',
    '\\n',
    '\\r\\n',
    '\\u000a',
    '&#10;',
    '&#x200b;',
    '<br/>',
    '%0A',
    '%250a',
    '|',
    '" + "',
  ];
  for (const between of separators) {
    for (const width of [1, 10, 20, 32, 64, 76]) {
      for (const [at, wrapped] of [long, encodeURIComponent(long)].entries()) {
        const lines = wrapped.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        const redacted = redactSecrets(`said: ${lines.join(between)} (end)`, [long]);
        const told = `${JSON.stringify(between)} after ${width}, reading ${at}`;
        assert.match(redacted, /^(said: )?\[redacted\]( \(end\))?$/, told);
      }
    }
  }
  assert.equal(redactSecrets(`cut: ${'Ab1-_cD2'.repeat(4)}…`, [long]), '[redacted]');
});

test('removing a whole known secret removes nothing else', () => {
  const said = `Token ${JWT} of system:serviceaccount:shop:web is expired, see https://docs.example.com/a`;
  assert.equal(redactSecrets(said, [JWT]), said.replace(JWT, '[redacted]'));
  assert.equal(redactSecrets(`t=${everyByte(JWT)}&x=1`, [JWT]), 't=[redacted]&x=1');
  assert.equal(redactSecrets(said.replace(JWT, ''), [JWT]), said.replace(JWT, ''));
});

test('text that a person needs stays unchanged', () => {
  for (const text of [
    'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    'No OpenIDConnect provider found in your account for https://oidc.example.test/id/0123456789ABCDEF',
    "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint",
    'arn:aws:iam::111122223333:role/team/a-role-with-a-long-name-that-goes-on-and-on-and-on',
    'thumbprint a031c46782e6e6c662c2c87c76da9aa62ccabd8e, x5t',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes',
    'pod 5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f, request 00000000-0000-0000-0000-000000000000',
    'Basic authentication is not supported, nor are bearer tokens-of-others',
    '100% of 50%',
    '',
  ]) {
    assert.equal(redactSecrets(text), text);
  }
});

test('a known secret is removed anywhere, whatever it looks like', () => {
  const secret = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019._-~') });
  const around = fc.string({ maxLength: 20 });
  const encode = fc.constantFrom(String, encodeURIComponent, everyByte, (text: string) =>
    encodeURIComponent(everyByte(text)),
  );
  fc.assert(
    fc.property(secret, around, around, encode, (known, before, after, encoded) => {
      const redacted = redactSecrets(`${before} ${encoded(known)} ${after}`, [known]);
      assert.ok(!redacted.includes(known) && !redacted.includes(encoded(known)), redacted);
    }),
  );
});

test('no error of podrole contains a token that a server repeated', () => {
  const fault: Fault = {
    code: 'STS_REFUSED',
    object: `URL https://u:pass@h/?t=${JWT}`,
    problem: `said ${JWT}`,
    remedy: 'wait',
  };
  const error = new PodroleError(fault);
  assert.equal(error.message, 'URL https://u:[redacted]@h/?t=[redacted]: said [redacted]; wait');
  assert.ok(!JSON.stringify(error.faults).includes('eyJ'));
});
