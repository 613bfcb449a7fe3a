import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseRoleArn } from '../../lib/arn.ts';
import { toServiceAccountFacts, weighFacts } from '../service-accounts.ts';
import { MISSPELT_LIMITS } from './names.ts';
import { keepAnnotations, maxLengths } from './service-account-annotations.ts';

const PREFIX = 'eks.amazonaws.com';
const ROLE = `${PREFIX}/role-arn`;

/** Characters of what is kept of an object with these annotations. */
const keptLength = (annotations: Readonly<Record<string, string>>) =>
  Object.entries(keepAnnotations(annotations, PREFIX) ?? {}).reduce(
    (sum, [key, value]) => sum + key.length + value.length,
    0,
  );

test('annotations that do not matter are not kept, however large', () => {
  const large = 'x'.repeat(250_000);
  const many = Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 'v']);
  const floods: [name: string, annotations: Readonly<Record<string, string>>][] = [
    ['an unknown key of ours', { 'podrole.dev/x': large }],
    ['another tool', { 'kubectl.kubernetes.io/last-applied-configuration': large }],
    ['many keys', Object.fromEntries(many)],
  ];
  for (const [name, annotations] of floods)
    assert.equal(keepAnnotations(annotations, PREFIX), undefined, name);
});

test('few misspelt keys are kept, and of their values only whether they are empty', () => {
  const flood = Array.from({ length: 20_000 }, (_, index) => [
    `${PREFIX}/role-${index % 1_000}`,
    'x'.repeat(200),
  ]);
  const kept = keepAnnotations(Object.fromEntries(flood), PREFIX) ?? {};
  assert.equal(Object.keys(kept).length, MISSPELT_LIMITS.found);
  assert.deepEqual(new Set(Object.values(kept)), new Set(['x']));
  assert.deepEqual(keepAnnotations({ [`${PREFIX}/rolearn`]: '' }, PREFIX), { [`${PREFIX}/rolearn`]: '' });
});

test('of annotations that count elsewhere, only what a warning shows is kept', () => {
  for (const key of [
    `${PREFIX}/skip-containers`,
    'podrole.dev/include-containers',
    'iam.amazonaws.com/role',
  ]) {
    assert.deepEqual(keepAnnotations({ [key]: 'web' }, PREFIX), { [key]: 'web' });
    assert.equal(keepAnnotations({ [key]: 'x'.repeat(250_000) }, PREFIX)?.[key]?.length, 65);
  }
});

test('a value at its limit is kept as it is; a longer one stays too long, and has no effect', () => {
  for (const [key, maxLength] of maxLengths(PREFIX)) {
    const longest = '0'.repeat(maxLength);
    assert.deepEqual(keepAnnotations({ [key]: longest }, PREFIX), { [key]: longest }, key);
    const cut = keepAnnotations({ [key]: `${longest}0` }, PREFIX)?.[key] ?? '';
    assert.equal(cut.length, maxLength + 1, key);
    assert.ok(cut.endsWith('…'), key);
  }
  const [, maxLength = 0] = maxLengths(PREFIX).find(([key]) => key === ROLE) ?? [];
  const longest = `arn:aws:iam::${'t'.repeat(64)}:role/${'p'.repeat(510)}/${'n'.repeat(64)}`;
  assert.ok(parseRoleArn(longest) && longest.length < maxLength, 'no role ARN is cut');
  const cut = keepAnnotations({ [ROLE]: longest.padEnd(maxLength + 1, 'n') }, PREFIX)?.[ROLE] ?? '';
  assert.equal(parseRoleArn(cut), undefined, 'cut, it would name another role');
});

test('all annotations together are not longer than the sum of their limits', () => {
  const all = maxLengths(PREFIX).map(([key]) => [key, '<'.repeat(250_000)]);
  assert.ok(keptLength(Object.fromEntries(all)) < 75_500);
});

test('kept facts do not retain the text from which they were read', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = getHeapStatistics().used_heap_size;
  const kept = Array.from({ length: 200 }, (_, index) => {
    const annotations = {
      [ROLE]: `${index}${'x'.repeat(500_000)}`,
      [`${PREFIX}/rolearn`]: 'y'.repeat(500_000),
    };
    return toServiceAccountFacts(
      JSON.parse(JSON.stringify({ metadata: { name: `sa-${index}`, annotations } })),
      PREFIX,
    );
  });
  collect();
  const bytes = getHeapStatistics().used_heap_size - before;
  assert.equal(kept.length, 200);
  assert.ok(bytes < 5_000_000, `${bytes} bytes for 200 ServiceAccounts of a megabyte each`);
});

test('the weight of facts grows with everything that is kept', () => {
  const facts = { namespace: 'shop', name: 'web', annotations: {} };
  const weight = weighFacts(facts);
  assert.ok(weight > 0);
  assert.ok(weighFacts({ ...facts, name: 'x'.repeat(100) }) >= weight + 97);
  assert.ok(weighFacts({ ...facts, annotations: { [ROLE]: 'x'.repeat(100) } }) >= weight + 100 + ROLE.length);
});
