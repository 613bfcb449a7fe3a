import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailureReason, failureReason } from './failure-reason.ts';
import { proxyError } from './proxy/proxy-fault.ts';

const coded = (code: string, cause?: unknown) => Object.assign(new Error('failed', { cause }), { code });
const proxy = proxyError(new URL('http://proxy.test'), 'issuer.test:443', 'answered 403', 'refused');

const cases: readonly (readonly [string, unknown, FailureReason])[] = [
  ['an unknown name', coded('ENOTFOUND'), 'dns'],
  ['DNS that does not answer', coded('EAI_AGAIN'), 'dns'],
  ['a closed port', coded('ECONNREFUSED'), 'refused'],
  ['no route', coded('EHOSTUNREACH'), 'timeout'],
  ['a connection that times out', coded('ETIMEDOUT'), 'timeout'],
  ['a signal that timed out', new DOMException('late', 'TimeoutError'), 'timeout'],
  ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'certificate'],
  ['an unknown CA', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'certificate'],
  ['another name', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate'],
  ['a proxy', proxy, 'proxy'],
  ['a cause', new Error('wrapped', { cause: coded('ECONNREFUSED') }), 'refused'],
  ['a reset', coded('ECONNRESET'), 'other'],
  ['something else', 'text', 'other'],
];
for (const [name, thrown, expected] of cases) {
  test(`${name} is ${expected}`, () => assert.equal(failureReason(thrown), expected));
}

test('a circle of causes ends', () => {
  const error = new Error('circle');
  error.cause = error;
  assert.equal(failureReason(error), 'other');
});
