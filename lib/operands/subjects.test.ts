import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertFaults } from '../../testing/faults.ts';
import { PodroleError } from '../errors.ts';
import { describeSubject, parseSubjects } from './subjects.ts';

const UNDERSTOOD: readonly (readonly [commandLine: string, ...found: readonly string[]])[] = [
  ['pod/web-0 -n shop', 'pod shop/web-0'],
  ['po/web-0', 'pod default/web-0'],
  ['Pods/web-0', 'pod default/web-0'],
  ['deploy/web', 'deployment default/web'],
  ['deployments/web', 'deployment default/web'],
  ['sts/web', 'statefulset default/web'],
  ['ds/web', 'daemonset default/web'],
  ['job/web', 'job default/web'],
  ['cj/web cronjob/api', 'cronjob default/web', 'cronjob default/api'],
  ['deploy web api -n shop', 'deployment shop/web', 'deployment shop/api'],
  ['pod web', 'pod default/web'],
  ['web', 'serviceaccount default/web'],
  ['web -n shop', 'serviceaccount shop/web'],
  ['sa/web -n shop', 'serviceaccount shop/web'],
  ['sa web', 'serviceaccount default/web'],
  ['serviceaccount/web', 'serviceaccount default/web'],
  ['shop/web', 'serviceaccount shop/web'],
  ['shop/web -n shop', 'serviceaccount shop/web'],
  ['shop/web ops/web pod/web', 'serviceaccount shop/web', 'serviceaccount ops/web', 'pod default/web'],
  ['web web', 'serviceaccount default/web'],
  ['web sa/web default/web', 'serviceaccount default/web'],
  ['pod', 'serviceaccount default/pod'],
  ['pod/pod', 'pod default/pod'],
  ['rs/web -n rs', 'serviceaccount rs/web'],
  ['', ...[]],
];
for (const [commandLine, ...found] of UNDERSTOOD) {
  test(`understood: ${commandLine || 'no operand'}`, () => {
    const [operands = '', namespace] = commandLine.split(' -n ');
    const subjects = parseSubjects(operands.split(' ').filter(Boolean), namespace);
    assert.deepEqual(subjects.map(describeSubject), found);
  });
}

const ANSWERED: readonly (readonly [operand: string, namespace: string | undefined, fault: RegExp])[] = [
  ['shop/web', 'ops', /^shop\/web: is in namespace shop, and --namespace is ops; give one of the two/],
  ['ingress/web', 'shop', /; if ingress is a kind, write pod\/NAME, deployment\/NAME or/],
  ['rs/web', 'shop', /write the workload or the pod: deployment\/NAME, pod\/NAME$/],
  ['shop/pod/web', undefined, /has too many parts; write -n shop pod\/NAME$/],
  ['pod/shop/web', undefined, /has too many parts; write -n NAMESPACE pod\/NAME$/],
  ['rs/web', undefined, /write the workload or the pod: deployment\/NAME, pod\/NAME$/],
  ['pod.yaml', undefined, /^pod\.yaml: is a file; name the pod/],
  ['./web', undefined, /is a file/],
  ['-', undefined, /is a file/],
  ['system:serviceaccount:shop:web', undefined, /is a subject; write shop\/web$/],
  ['', 'shop', /^operand: has "" for a serviceaccount; give up to 253/],
  ['pod/', undefined, /has "" for a pod/],
  ['pod/..', undefined, /has \.\. for a pod/],
  ['deploy/Web', undefined, /has Web for a deployment/],
  ['Shop/web', undefined, /has Shop for a namespace; give up to 63/],
  ['web', 'SHOP', /has SHOP for a namespace/],
  ['pod/web', 'a/b', /has a\/b for a namespace/],
];
for (const [operand, namespace, fault] of ANSWERED) {
  test(`answered: ${operand} in ${namespace}`, () => {
    assertFaults(() => parseSubjects([operand], namespace), [fault]);
  });
}

test('every wrong operand is reported', () => {
  assertFaults(() => parseSubjects(['rs/a', 'web', 'b.yaml'], undefined), [/rs\/a/, /b\.yaml/]);
});

test('whatever is given, the result is names or an error that quotes little of it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 3 }), (operands) => {
      try {
        for (const { name } of parseSubjects(operands, undefined)) assert.match(name, /^[a-z0-9.-]+$/);
      } catch (thrown) {
        assert(thrown instanceof PodroleError);
        assert.ok(thrown.faults.every((fault) => fault.problem.length < 1_000));
      }
    }),
  );
});
