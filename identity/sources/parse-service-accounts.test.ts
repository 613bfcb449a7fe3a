import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { memorySource } from './memory-source.ts';
import { parseServiceAccounts, readServiceAccounts } from './parse-service-accounts.ts';

const ROLE = 'eks.amazonaws.com/role-arn';
const parse = (text: string) =>
  parseServiceAccounts(text, '--service-accounts accounts.yaml', 'eks.amazonaws.com');
const account = (name: string, annotations = `{${ROLE}: "${name}-role"}`) =>
  `{kind: ServiceAccount, metadata: {name: ${name}, namespace: shop, annotations: ${annotations}}}`;

test('ServiceAccounts are found in every form that Kubernetes accepts', async (t) => {
  const cases: [name: string, text: string, names: string[]][] = [
    ['several documents', `${account('a')}\n---\n${account('b')}\n---\n`, ['a', 'b']],
    ['a List in a List', `{kind: List, items: [{kind: List, items: [${account('a')}]}]}`, ['a']],
    ['a List', `{kind: List, items: [${account('a')}, ${account('b')}]}`, ['a', 'b']],
    [
      'a ServiceAccountList, as the API answers',
      '{"kind":"ServiceAccountList","items":[{"metadata":{"name":"a"}}]}',
      ['a'],
    ],
    ['among other kinds', `{kind: Deployment, metadata: {name: x}}\n---\n${account('a')}`, ['a']],
    ['nothing', '', []],
    ['comments alone', '# none yet\n', []],
    ['without annotations', '{kind: ServiceAccount, metadata: {name: a}}', ['a']],
  ];
  for (const [name, text, names] of cases) {
    await t.test(name, () =>
      assert.deepEqual(
        parse(text).map((facts) => facts.name),
        names,
      ),
    );
  }
});

test('every fault of a file is reported, with its place', () => {
  const text = `${account('a', '{n: 1}')}\n---\n: : :\n---\n[1]\n---\n{kind: ServiceAccount, metadata: {}}\n`;
  assert.throws(
    () => parse(text),
    (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.deepEqual(
        thrown.faults.map(({ code, object }) => `${code} ${object}`),
        [
          'INVALID_MANIFEST ServiceAccount shop/a in --service-accounts accounts.yaml, document 1',
          'INVALID_MANIFEST --service-accounts accounts.yaml, document 2',
          'INVALID_MANIFEST --service-accounts accounts.yaml, document 3',
          'INVALID_MANIFEST --service-accounts accounts.yaml, document 4',
        ],
      );
      return true;
    },
  );
});

test('a ServiceAccount with two roles is a fault that names both places', () => {
  const role = (name: string) => account('web', `{${ROLE}: ${name}}`);
  assert.throws(() => parse(`${role('a')}\n---\n${account('b')}\n---\n${role('c')}`), {
    code: 'CONTRADICTORY_SERVICE_ACCOUNTS',
    message:
      /^ServiceAccount shop\/web in .* accounts.yaml, document 3: .* document 1; remove one of the two$/,
  });
  assert.throws(() => parse(`{kind: List, items: [${role('a')}, {kind: List, items: [${role('b')}]}]}`), {
    message: /document 1, items\[1\].items\[0\]: .* in .* document 1, items\[0\];/,
  });
  assert.equal(parse(`${role('a')}\n---\n${role('a')}`).length, 2);
});

test('a file whose aliases grow without bound is refused, with its place and a remedy', () => {
  const levels = Array.from({ length: 9 }, (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`);
  const bomb = `kind: List\nl0: &l0 [x]\n${levels.join('\n')}\nitems: *l9\n`;
  assert.throws(
    () => parse(`${account('a')}\n---\n${bomb}`),
    (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.deepEqual(thrown.faults, [
        {
          code: 'INVALID_MANIFEST',
          object: '--service-accounts accounts.yaml, document 2',
          problem: 'Excessive alias count indicates a resource exhaustion attack',
          remedy: 'fix its anchors and aliases',
        },
      ]);
      return true;
    },
  );
});

test('in memory, the later of two with the same name counts, and other names do not exist', async () => {
  const [first] = parse(account('web', `{${ROLE}: one}`));
  const [second] = parse(account('web', `{${ROLE}: two}`));
  assert.ok(first && second);
  const source = memorySource([first, second]);
  assert.equal((await source.find('shop', 'web'))?.annotations[ROLE], 'two');
  assert.equal(await source.find('web', 'shop'), undefined);
});

test('a List of more ServiceAccounts than a function may have arguments is read whole', () => {
  const items = Array.from({ length: 130_000 }, (_, at) => ({
    kind: 'ServiceAccount',
    metadata: { name: `web-${at}` },
  }));
  const { found, faults } = readServiceAccounts({ kind: 'List', items }, 'in.yaml', 'eks.amazonaws.com');
  assert.deepEqual([found.length, faults], [130_000, []]);
});

test('a List that aliases repeat without end is a fault that names the document', () => {
  const account = { kind: 'ServiceAccount', metadata: { name: 'web' } };
  const many = { kind: 'List', items: Array(1_000).fill(account) };
  const { faults } = readServiceAccounts({ kind: 'List', items: Array(1_000).fill(many) }, 'in.yaml', 'x');
  assert.deepEqual(
    faults.map(({ code, object }) => [code, object]),
    [['INVALID_MANIFEST', 'in.yaml']],
  );
});
