// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes variables so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../../../lib/errors.ts';
import { readBindings } from '../read-bindings.ts';
import type { KnownAccount } from './stack-parameters.ts';

const ACCOUNT: KnownAccount = { accountId: '111122223333' };
const HEAD = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: shop, region: REGION}\n';
const BLOCK = 'iam:\n  serviceAccounts:\n  - metadata: {name: web, namespace: shop}\n';

/** An eksctl file with one ServiceAccount; the lines of its fields begin at line 7. */
function fileOf(fields: string, region = 'eu-central-1'): string {
  const indented = fields.replace(/^/gm, '    ');
  return `${HEAD.replace('REGION', region)}${BLOCK}${indented}\n`;
}

function read(fields: string, account = ACCOUNT, region?: string) {
  return readBindings(fileOf(fields, region), 'f.yaml', assert.fail, account);
}

function faultsOf(text: string): readonly string[] {
  try {
    readBindings(text, 'f.yaml', () => undefined, ACCOUNT);
  } catch (thrown) {
    assert.ok(thrown instanceof PodroleError);
    return thrown.message.split('\n');
  }
  return assert.fail('it was accepted');
}

/** Calls as they are written for a permissions boundary, and their results. */
const RESOLVED: readonly (readonly [call: string, result: string])[] = [
  ['!Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b"', 'arn:aws:iam::111122223333:policy/b'],
  ['{"Fn::Sub": "${AWS::Region} ${AWS::URLSuffix}"}', 'eu-central-1 amazonaws.com'],
  ['!Sub ["${a}/${AWS::Region}/${n}", {a: x, n: 7}]', 'x/eu-central-1/7'],
  ['{"Fn::Sub": ["${a}", {a: {Ref: AWS::AccountId}}]}', '111122223333'],
  ['!Sub "${!aws:username}-${!Literal}"', '${aws:username}-${Literal}'],
  ['!Sub "no variable, $ and } and ${"', 'no variable, $ and } and ${'],
  ['!Sub ["${__proto__}", {__proto__: a}]', 'a'],
  ['!Ref AWS::AccountId', '111122223333'],
  ['{Ref: AWS::Partition}', 'aws'],
  ['!Join [":", [arn, !Ref AWS::Partition, iam, "", 7, true]]', 'arn:aws:iam::7:true'],
  ['{"Fn::Join": ["", [a, {"Fn::Sub": "${AWS::Region}"}]]}', 'aeu-central-1'],
  ['!Sub\n- ${a}\n- a: !Join\n  - ","\n  - [x, y]', 'x,y'],
  ['!!str 7', '7'],
  ['! plain', 'plain'],
  ['!<!Ref> AWS::Region', 'eu-central-1'],
];

for (const [call, result] of RESOLVED) {
  test(`resolved: ${call}`, () => {
    const { bindings } = read(`permissionsBoundary: ${call.replaceAll('\n', '\n  ')}`);
    assert.equal(bindings[0]?.permissionsBoundary, result);
  });
}

test('every field that is handed to CloudFormation may have calls, at any depth', () => {
  const { bindings } = read(`attachPolicyARNs: [!Sub "arn:aws:iam::\${AWS::AccountId}:policy/a"]
roleName: {"Fn::Join": ["-", [web, {Ref: AWS::Region}]]}
tags: {region: !Ref AWS::Region, Ref: kept}
attachPolicy:
  Statement:
  - Effect: Allow
    Action: s3:GetObject
    Resource:
    - Fn::Sub: arn:\${AWS::Partition}:s3:::logs-\${AWS::AccountId}/*
    - !Sub arn:aws:s3:::\${!aws:username}/*
    Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}`);
  const [binding] = bindings;
  assert.deepEqual(binding?.attachPolicyArns, ['arn:aws:iam::111122223333:policy/a']);
  assert.equal(binding.roleName, 'web-eu-central-1');
  assert.deepEqual(binding.tags, { region: 'eu-central-1', Ref: 'kept' });
  assert.deepEqual(binding.inlinePolicies?.[0]?.document, {
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: ['arn:aws:s3:::logs-111122223333/*', 'arn:aws:s3:::${aws:username}/*'],
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    ],
  });
});

test('an anchor before a tag, and a merge of a policy, are resolved too', () => {
  const { bindings } = read(`permissionsBoundary: &b !Sub arn:aws:iam::\${AWS::AccountId}:policy/b
attachPolicyARNs: [*b]
attachPolicy:
  <<: &base {Version: "2012-10-17"}
  Statement: [{Effect: Allow, Action: "s3:*", Resource: !Sub "arn:aws:s3:::\${AWS::AccountId}"}]`);
  assert.deepEqual(bindings[0]?.attachPolicyArns, ['arn:aws:iam::111122223333:policy/b']);
  assert.match(JSON.stringify(bindings[0]?.inlinePolicies), /2012-10-17.*s3:::111122223333/);
});

test('labels and annotations of the names of functions stay as they are', () => {
  const metadata = '{name: a, labels: {Ref: b}, annotations: {"Fn::Sub": "${AWS::Region}"}}';
  const text = `${HEAD}iam: {serviceAccounts: [{metadata: ${metadata}}]}`;
  const [binding] = readBindings(text, 'f.yaml', assert.fail).bindings;
  assert.deepEqual([binding?.labels, binding?.annotations], [{ Ref: 'b' }, { 'Fn::Sub': '${AWS::Region}' }]);
});

test('calls in JSON and in the second of several documents are resolved', () => {
  const block = { metadata: { name: 'a' }, roleName: { 'Fn::Sub': 'a-${AWS::AccountId}' } };
  const json = JSON.stringify({
    apiVersion: 'eksctl.io/v1alpha5',
    kind: 'ClusterConfig',
    iam: { serviceAccounts: [block] },
  });
  const text = `${fileOf('roleName: !Ref AWS::AccountId')}---\n${json}\n`;
  const { bindings } = readBindings(text, 'f.yaml', assert.fail, ACCOUNT);
  assert.deepEqual(
    bindings.map(({ roleName }) => roleName),
    ['111122223333', 'a-111122223333'],
  );
});

test('values of an account that is not known yet have stand-ins', () => {
  const unknown = read('roleName: !Ref AWS::AccountId', {});
  assert.deepEqual([unknown.usesUnknownAccount, unknown.bindings[0]?.roleName], [true, '000000000000']);
  assert.equal(read('roleName: !Ref AWS::Region', {}).usesUnknownAccount, false);
  assert.equal(read('roleName: !Ref AWS::Partition', {}).usesUnknownAccount, false);
  assert.equal(read('roleName: !Ref AWS::Partition', {}, '').usesUnknownAccount, true);
  assert.equal(read('roleName: !Ref AWS::AccountId', ACCOUNT).usesUnknownAccount, false);
});

/** Partition as asked for, region of the file and partition of the credentials. */
const PARTITIONS: readonly (readonly [KnownAccount, region: string, result: string])[] = [
  [{}, 'cn-north-1', 'aws-cn amazonaws.com.cn'],
  [{ partition: 'aws-us-gov' }, 'eu-central-1', 'aws-us-gov amazonaws.com'],
  [{ foundPartition: 'aws' }, 'cn-north-1', 'aws-cn amazonaws.com.cn'],
  [{ foundPartition: 'aws-cn' }, '', 'aws-cn amazonaws.com.cn'],
];
for (const [account, region, result] of PARTITIONS) {
  test(`partition of ${JSON.stringify(account)} in region ${JSON.stringify(region)}`, () => {
    const { bindings } = read('roleName: !Sub "${AWS::Partition} ${AWS::URLSuffix}"', account, region);
    assert.equal(bindings[0]?.roleName, result);
  });
}

test('the default tenant of Ceph is an empty account', () => {
  const { bindings } = read('permissionsBoundary: !Sub arn:aws:iam::${AWS::AccountId}:policy/b', {
    accountId: '',
  });
  assert.equal(bindings[0]?.permissionsBoundary, 'arn:aws:iam:::policy/b');
});

/** Fields, and the fault that they cause. */
const REFUSED: readonly (readonly [fields: string, fault: RegExp])[] = [
  [
    'roleOnly: true\nattachPolicyARNs:\n- arn:aws:iam::aws:policy/A\n- !GetAtt Table.Arn',
    /^f\.yaml:10 iam\.serviceAccounts\[0\]\.attachPolicyARNs\[1\]\.!GetAtt: calls a function whose result only CloudFormation knows \(ServiceAccount shop\/web\); write the value itself$/,
  ],
  ['attachRoleARN: {"Fn::GetAtt": [Role, Arn]}', /f\.yaml:7 .*\.attachRoleARN\.Fn::GetAtt: calls a function/],
  ['attachRoleARN: !ImportValue x', /attachRoleARN\.!ImportValue: calls a function/],
  ['roleName: !Ref Table', /roleName\.!Ref: refers to "Table", which only CloudFormation knows/],
  ['roleName: !Ref AWS::StackName', /refers to "AWS::StackName", which only/],
  ['roleName: !Sub "a-${Table.Arn}"', /roleName\.!Sub: refers to "Table\.Arn", which only/],
  ['roleName: !Sub "${aws:username}"', /write \$\{!aws:username\} if you mean the policy variable/],
  ['roleName: !Sub [a, {}, b]', /has malformed arguments .*; write STRING or \[STRING, \{NAME: VALUE\}\]/],
  ['roleName: !Sub {a: b}', /has malformed arguments/],
  ['roleName: !Join [a, b]', /has malformed arguments .*write \[DELIMITER, \[STRING, …\]\]/],
  ['roleName: !Join ["", [[a]]]', /must be a string/],
  ['roleName: {"Fn::Sub": a, b: c}', /has Fn::Sub beside other members/],
  ['roleName: {"Fn::Nothing": a}', /has the unknown function Fn::Nothing/],
  ['roleName: !include a.yaml', /has the unknown YAML tag !include/],
  ['roleName: !Foo::Sub a', /has the unknown YAML tag !Foo::Sub/],
  ['roleName: !!binary aGk=', /has the unknown YAML tag !!binary/],
  ['roleName: !!int maybe', /has the unknown YAML tag !!int/],
  ['tags: {a: !env A}', /tags\.a\.!env: has the unknown YAML tag !env/],
  ['attachPolicyARNs: ["arn:aws:iam::${AWS::AccountId}:policy/a"]', /has \$\{AWS::…\} outside of Fn::Sub/],
  ['!Sub roleName: a', /^f\.yaml:7: has the YAML tag !Sub; write the value itself$/],
  [`roleName: !Join ["", ["${'a'.repeat(10_240)}", a]]`, /result is longer than 10240 characters/],
];
for (const [fields, fault] of REFUSED) {
  test(`refused: ${fields.slice(0, 70)}`, () => {
    const faults = faultsOf(fileOf(fields));
    assert.match(faults[0] ?? '', fault);
    assert.equal(faults.length, 1, faults.join('\n'));
  });
}

test('a call for the policy or the name of the cluster is refused', () => {
  assert.match(
    faultsOf(fileOf('attachPolicy: !Transform a')).join('\n'),
    /attachPolicy\.!Transform: calls a function/,
  );
  assert.match(
    faultsOf(fileOf('attachPolicy: !Ref AWS::Region')).join('\n'),
    /attachPolicy: is not a policy document/,
  );
  const name = fileOf('').replace('name: shop', 'name: !Ref Name');
  assert.match(faultsOf(name).join('\n'), /^f\.yaml:3 metadata\.name: must be a string/);
  const region = fileOf('roleName: !Ref AWS::Region', '""');
  assert.match(faultsOf(region).join('\n'), /refers to "AWS::Region", but the file has no metadata\.region/);
});

test('variables that double in each call do not make strings without end', () => {
  const doubled = (depth: number): string =>
    depth === 0 ? 'a' : `!Sub ["\${a}\${a}", {a: ${doubled(depth - 1)}}]`;
  assert.match(faultsOf(fileOf(`roleName: ${doubled(60)}`))[0] ?? '', /longer than 10240 characters/);
});

/** Documents of podrole's own kind have no tags. */
const OWN = 'apiVersion: podrole.dev/v1alpha1\nkind: Bindings\nbindings:\n';
for (const [text, fault] of [
  [
    '- {namespace: shop, serviceAccount: !Sub web}',
    'f.yaml:4: has the YAML tag !Sub; write the value itself',
  ],
  [
    '- namespace: a\n  serviceAccount: &a !!binary YQ==\n',
    'f.yaml:5: has the YAML tag !!binary; write the value itself',
  ],
  ['- !Foo\n  namespace: a\n  serviceAccount: b', 'f.yaml:5: has the YAML tag !Foo; write the value itself'],
] as const) {
  test(`refused in podrole's own format: ${text.slice(0, 50)}`, () => {
    assert.ok(faultsOf(OWN + text).includes(fault), faultsOf(OWN + text).join('\n'));
  });
}
