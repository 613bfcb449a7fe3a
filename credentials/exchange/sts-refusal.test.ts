import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stsErrorXml } from '../../testing/aws/sts-peer.ts';
import type { ExchangeError } from './exchange-error.ts';
import { stsRefusal } from './sts-refusal.ts';
import { parseXml } from './xml-tree.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.secret.token';

function refusal(status: number, code: string, message?: string): ExchangeError {
  const speaker = { object: 'STS https://sts.test', secrets: [TOKEN] };
  return stsRefusal(status, parseXml(stsErrorXml(code, message)), speaker);
}

test('what STS says does not flood or forge a log', () => {
  const { message } = refusal(400, 'X'.repeat(5_000), 'a\nb&#x1b;[31m\u202e');
  assert.ok(message.length < 1_000);
  assert.doesNotMatch(message, /\p{C}/u);
});

test('an error contains neither the token nor keys that STS repeats', () => {
  const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const said = [
    `token ${TOKEN} is not valid`,
    `form RoleArn=x&amp;WebIdentityToken=${encodeURIComponent(TOKEN)}&amp;x=y`,
    `token ${[...TOKEN].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join('')}`,
    `token ${[...TOKEN].map((sign) => `&#${sign.charCodeAt(0)};`).join('')}`,
    `${'x'.repeat(290)} ${TOKEN}`,
    `the key ${key} is unknown`,
  ];
  for (const message of said) {
    for (const [status, retry] of [
      [400, 'late'],
      [500, 'soon'],
    ] as const) {
      const failure = refusal(status, 'InvalidIdentityToken', message);
      assert.equal(failure.retry, retry);
      assert.doesNotMatch(failure.message, /eyJ|%65|secret\.token|wJalr/);
      assert.match(failure.message, /InvalidIdentityToken/);
    }
  }
  assert.doesNotMatch(refusal(400, TOKEN.replaceAll('.', '-'), 'x').message, /eyJ/);
});
