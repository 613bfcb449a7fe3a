import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertFaults } from '../../testing/faults.ts';
import { PodroleError } from '../errors.ts';
import { parseOneServiceAccount, parseServiceAccounts } from './service-accounts.ts';

const UNDERSTOOD: readonly (readonly [commandLine: string, ...found: readonly string[]])[] = [
  ['web', '/web'],
  ['web -n shop', 'shop/web'],
  ['sa/web', '/web'],
  ['sa/web -n shop', 'shop/web'],
  ['serviceaccount/web -n shop', 'shop/web'],
  ['serviceaccounts/web -n shop', 'shop/web'],
  ['ServiceAccount/web -n shop', 'shop/web'],
  ['sa web -n shop', 'shop/web'],
  ['serviceaccount web -n shop', 'shop/web'],
  ['sa web api -n shop', 'shop/web', 'shop/api'],
  ['shop/web', 'shop/web'],
  ['shop/web -n shop', 'shop/web'],
  ['shop/web ops/api', 'shop/web', 'ops/api'],
  ['sa shop/web', 'shop/web'],
  ['sa', '/sa'],
  ['sa/sa', '/sa'],
  ['web.v1', '/web.v1'],
  ['sa/pod.yaml', '/pod.yaml'],
  ['pods/web -n pods', 'pods/web'],
  ['web web', '/web', '/web'],
  ['', ...[]],
];
for (const [commandLine, ...found] of UNDERSTOOD) {
  test(`understood: ${commandLine || 'no operand'}`, () => {
    const [operands = '', namespace] = commandLine.split(' -n ');
    const named = parseServiceAccounts(operands.split(' ').filter(Boolean), namespace);
    assert.deepEqual(
      named.map(({ namespace, name }) => `${namespace ?? ''}/${name}`),
      found,
    );
  });
}

const ANSWERED: readonly (readonly [operand: string, namespace: string | undefined, fault: RegExp])[] = [
  ['shop/web', 'ops', /^shop\/web: is in namespace shop, and --namespace is ops; give one of the two/],
  ['pod/web', undefined, /is a pod, .*; write the ServiceAccount .* as sa\/NAME; .* write -n pod web$/],
  ['Deploy/web', undefined, /is a Deployment, not a ServiceAccount/],
  ['cronjobs/web', undefined, /is a CronJob, not a ServiceAccount/],
  ['bindings.yaml', undefined, /is a file, .*; write -f bindings\.yaml for a file/],
  ['apps/bindings.YML', 'shop', /is a file/],
  ['-', undefined, /is a file/],
  ['./apps', undefined, /is a file/],
  ['shop/web/fluentd', undefined, /has too many parts; write shop\/web --container fluentd$/],
  ['shop/sa/web', undefined, /has too many parts; write shop\/web$/],
  ['a/b/c/d', undefined, /has too many parts; write NAMESPACE\/NAME or sa\/NAME$/],
  ['system:serviceaccount:shop:web', undefined, /is a subject; write shop\/web$/],
  ['', 'shop', /^ServiceAccount: has "" for a ServiceAccount; give up to 253/],
  ['sa/', 'shop', /has "" for a ServiceAccount; give up to 253/],
  ['/web', undefined, /is a file/],
  ['shop/', undefined, /has "" for a ServiceAccount/],
  ['web#x', 'shop', /^"web#x": has "web#x" for a ServiceAccount/],
  ['Shop/web', undefined, /has Shop for a namespace; give up to 63/],
  ['web', 'SHOP', /has SHOP for a namespace/],
  ['w'.repeat(5_000), undefined, /^w{100}…": has|^"w{100}…": has/],
];
for (const [operand, namespace, fault] of ANSWERED) {
  test(`answered: ${operand.slice(0, 40)} in ${namespace}`, () => {
    assertFaults(() => parseServiceAccounts([operand], namespace), [fault]);
  });
}

test('a command without --container does not name it', () => {
  const parse = (operand: string, namespace?: string) => () =>
    parseServiceAccounts([operand], namespace, false);
  assertFaults(parse('shop/web/fluentd'), [/has too many parts; write shop\/web$/]);
  assertFaults(parse('shop/web', 'ops'), [/; give one of the two$/]);
});

test('every wrong operand is reported', () => {
  assertFaults(() => parseServiceAccounts(['pod/a', 'web', 'b.yaml'], undefined), [/pod\/a/, /b\.yaml/]);
});

test('a command of one ServiceAccount refuses none and two', () => {
  const one = (...operands: string[]) =>
    parseOneServiceAccount(operands, undefined, 'write podrole test NAME');
  assert.deepEqual(one('sa', 'web'), { namespace: 'default', name: 'web' });
  assertFaults(() => one(), [/^ServiceAccount: is not named; write podrole test NAME$/]);
  assertFaults(() => one('web', 'api'), [/^"web api": names 2 ServiceAccounts, and this command takes one/]);
});

test('whatever is given, the result is names or an error that quotes little of it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 3 }), (operands) => {
      try {
        parseServiceAccounts(operands, undefined);
      } catch (thrown) {
        assert(thrown instanceof PodroleError);
        assert.ok(thrown.faults.every((fault) => fault.problem.length < 1_000));
      }
    }),
  );
});
