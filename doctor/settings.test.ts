import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { assertFaults } from '../testing/faults.ts';
import { checkDoctorSettings, doctorSettings } from './settings.ts';

type Given = Readonly<Record<string, string | true>>;

const read = (given: Given) => readSettings(doctorSettings, given, {});

const REFUSED: readonly (readonly [
  what: string,
  given: Given,
  operands: readonly string[],
  ...faults: readonly RegExp[],
])[] = [
  ['nothing', {}, [], /pod, workload or ServiceAccount: is not named; write podrole doctor/],
  ['only a namespace', { namespace: 'shop' }, [], /is not named/],
  ['names and --all', { all: true }, ['web'], /--all: judges every ServiceAccount; leave out the names/],
  ['names and -A', { allNamespaces: true }, ['web'], /--all-namespaces: judges every/],
  ['-A and a namespace', { allNamespaces: true, namespace: 'shop' }, [], /excludes --namespace/],
  ['names and saved facts', { offline: 'x' }, ['web'], /--offline: judges all facts in the folder/],
  ['--all and saved facts', { offline: 'x', all: true }, [], /--offline/],
  [
    'facts to save and saved ones',
    { offline: 'x', save: 'y' },
    [],
    /--save: is for facts that are collected/,
  ],
  ['several faults', { offline: 'x', save: 'y', all: true }, ['web'], /--save/, /--offline/, /--all:/],
];
for (const [what, given, operands, ...faults] of REFUSED) {
  test(`refuses ${what}`, () => {
    assertFaults(() => checkDoctorSettings(read(given), operands), faults);
  });
}

const ACCEPTED: readonly (readonly [given: Given, operands: readonly string[]])[] = [
  [{}, ['web']],
  [{ namespace: 'shop', save: 'x' }, ['pod/web']],
  [{ all: true }, []],
  [{ all: true, namespace: 'shop' }, []],
  [{ allNamespaces: true, all: true }, []],
  [{ offline: 'x' }, []],
];
for (const [given, operands] of ACCEPTED) {
  test(`accepts ${JSON.stringify(given)} ${operands.join(' ')}`, () => {
    checkDoctorSettings(read(given), operands);
  });
}

test('the address of an STS has no credentials, and errors do not repeat it', () => {
  assertFaults(
    () => read({ stsEndpointUrl: 'https://user:pass@sts.test' }),
    [/must be an http or https URL/],
  );
  assert.throws(
    () => read({ stsEndpointUrl: 'https://user:pass@sts.test' }),
    ({ message }) => !message.includes('pass'),
  );
});
