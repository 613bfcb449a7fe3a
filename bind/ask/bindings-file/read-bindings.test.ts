import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { PodroleError } from '../../../lib/errors.ts';
import { readBindings } from './read-bindings.ts';

const HEAD = 'apiVersion: podrole.dev/v1alpha1\nkind: Bindings\n';

test('an eksctl file is read unchanged', () => {
  const notices: string[] = [];
  const folder = `${import.meta.dirname}/testdata`;
  const content = readFileSync(`${folder}/eksctl.yaml`, 'utf8');
  const { bindings, clusters } = readBindings(content, 'eksctl.yaml', (line) => notices.push(line));
  const text = `${JSON.stringify({ bindings, clusters, notices }, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(`${folder}/eksctl.expected.json`, text);
  assert.equal(text, readFileSync(`${folder}/eksctl.expected.json`, 'utf8'));
});

test('a binding that says no more than it must gets the defaults', () => {
  assert.deepEqual(read('bindings: [{namespace: shop, serviceAccount: web, tags: }]'), [
    {
      namespace: 'shop',
      serviceAccount: 'web',
      container: undefined,
      attachRoleArn: undefined,
      roleName: undefined,
      rolePath: undefined,
      attachPolicyArns: undefined,
      inlinePolicies: undefined,
      wellKnown: undefined,
      permissionsBoundary: undefined,
      tags: {},
      sessionDurationSeconds: undefined,
      roleOnly: false,
      labels: {},
      annotations: {},
      subjectPattern: undefined,
      conditions: undefined,
      audience: undefined,
      targetRoleArn: undefined,
      sessionTags: undefined,
    },
  ]);
});

test('several documents, anchors and merges make one list', () => {
  const document = (name: string) =>
    `${HEAD}bindings:\n- &a {namespace: shop, serviceAccount: ${name}}\n- {<<: *a, serviceAccount: ${name}-2}\n`;
  const { bindings } = readBindings(`${document('a')}---\n${document('b')}---\n`, 'f.yaml', assert.fail);
  assert.deepEqual(
    bindings.map(({ serviceAccount }) => serviceAccount),
    ['a', 'a-2', 'b', 'b-2'],
  );
});

for (const name of ['Null', 'null', 'NULL', '"Null"', '~']) {
  test(`a key that YAML reads as null keeps its name: ${name}`, () => {
    const document = `{Statement: {Condition: {${name}: {"aws:x": true}}}}`;
    const [binding] = read(
      `bindings: [{namespace: a, serviceAccount: b, conditions: {${name}: {"aws:x": true}}, inlinePolicies: [{name: p, document: ${document}}]}]`,
    );
    const operator = name.replaceAll('"', '');
    assert.deepEqual(binding?.conditions, [{ operator, key: 'aws:x', values: ['true'] }]);
    const expected = { Statement: { Condition: { [operator]: { 'aws:x': true } } } };
    assert.deepEqual(binding.inlinePolicies?.[0]?.document, expected);
  });
}

test('every fault of a file is reported at once, each with its line', () => {
  const text = `${HEAD}bindings:
- namespace: shop
  serviceaccount: web
  attachPolicyARNs: []
  tags: {team: 1}
  wellKnown: [vpc_cni]
- namespace: shop
  serviceAccount: web
  roleOnly: "yes"
  sessionDurationSeconds: 900
  attachPolicyArns: arn:aws:iam::aws:policy/ReadOnlyAccess
  inlinePolicies: [{name: a, document: '{}'}, {document: {Statement: []}}]
- namespace: shop
  serviceAccount: web
- 7
`;
  assert.deepEqual(faultsOf(text), [
    'f.yaml:5 bindings[0].serviceaccount: is unknown; write serviceAccount',
    'f.yaml:6 bindings[0].attachPolicyARNs: is unknown; write attachPolicyArns',
    'f.yaml:4 bindings[0].serviceAccount: is missing; give it',
    'f.yaml:8 bindings[0].wellKnown[0]: is unknown; write vpc-cni',
    'f.yaml:7 bindings[0].tags.team: must be a string; put it in quotes',
    'f.yaml:13 bindings[1].attachPolicyArns: is not a list; begin each entry with "- "',
    'f.yaml:14 bindings[1].inlinePolicies[0].document: is not a policy document; write an IAM policy with Version and Statement',
    'f.yaml:14 bindings[1].inlinePolicies[1].name: is missing; give it',
    'f.yaml:12 bindings[1].sessionDurationSeconds: is not a whole number from 3600 to 43200; correct it, or leave it out',
    'f.yaml:11 bindings[1].roleOnly: is neither true nor false; write true or false, without quotes',
    'f.yaml:17 bindings[3]: is not a mapping; write its fields: namespace, serviceAccount, container and others',
    'f.yaml:15 bindings[2]: binds shop/web, which line 9 does already; leave one of them',
  ]);
});

const REFUSED: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['nothing', '# nothing\n', /f\.yaml: holds nothing; begin with apiVersion: podrole\.dev/],
  ['another kind', 'apiVersion: v1\nkind: ServiceAccount\n', /f\.yaml:1: is of a kind that is not read here/],
  ['another version', 'apiVersion: podrole.dev/v1\nkind: Bindings\nbindings: []', /f\.yaml:1: is of a kind/],
  ['no list', HEAD, /f\.yaml:1 bindings: is missing/],
  [
    'not YAML',
    `${HEAD}bindings: [`,
    /f\.yaml: is not valid YAML in line 3, column 12: .+; fix the YAML there/,
  ],
  [
    'a key twice',
    `${HEAD}kind: Bindings\nbindings: []`,
    /f\.yaml: is not valid YAML in line 3, column 1: map keys must be unique/,
  ],
  ['an alias to nowhere', `${HEAD}bindings: *gone`, /f\.yaml:1: Unresolved alias/],
  [
    'an eksctl file without ServiceAccounts',
    'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niam: {serviceAccount: []}',
    /f\.yaml:3 iam\.serviceAccounts: is missing/,
  ],
  [
    'a misspelt field of eksctl',
    'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niam:\n  serviceAccounts:\n  - metadata: {name: a}\n    wellKnownPolicies: {autoscaler: true}',
    /f\.yaml:6 iam\.serviceAccounts\[0\]\.wellKnownPolicies\.autoscaler: is unknown; write autoScaler/,
  ],
];

for (const [name, text, fault] of REFUSED) {
  test(`refused: ${name}`, () => {
    const faults = faultsOf(text);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', fault);
  });
}

function read(body: string) {
  return readBindings(HEAD + body, 'f.yaml', assert.fail).bindings;
}

function faultsOf(text: string): string[] {
  try {
    readBindings(text, 'f.yaml', () => undefined);
  } catch (thrown) {
    assert.ok(thrown instanceof PodroleError);
    for (const { code } of thrown.faults) assert.equal(code, 'INVALID_BINDINGS_FILE');
    return thrown.message.split('\n');
  }
  return assert.fail('it was accepted');
}
