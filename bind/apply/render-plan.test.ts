import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../lib/text/paint.ts';
import type { Plan, PlanStep } from '../plan/plan-step.ts';
import { renderPlan } from './render-plan.ts';

const target = {
  cluster: { context: 'shop', cluster: 'shop-eu', server: 'https://user:secret@10.0.0.1:6443/path' },
  account: { accountId: '111122223333', partition: 'aws' },
  issuer: 'https://oidc.example.test/one',
};
const EMPTY: Plan = { steps: [], notes: [], faults: [] };

function newBinding(name: string): PlanStep[] {
  return [
    {
      object: `role shop-${name}`,
      action: `create arn:aws:iam::111122223333:role/shop-${name}`,
      document: { name: 'trust policy', before: undefined, after: { Version: '2012-10-17', Statement: [] } },
      call: {
        service: 'iam',
        operation: 'CreateRole',
        input: { RoleName: `shop-${name}`, AssumeRolePolicyDocument: '' },
      },
    },
    attach(name, 'AmazonS3ReadOnlyAccess'),
    {
      object: `ServiceAccount shop/${name}`,
      action: 'create',
      document: { name: 'annotations', before: undefined, after: { 'eks.amazonaws.com/role-arn': name } },
      call: {
        service: 'cluster',
        change: { method: 'POST', path: '/api/v1/namespaces/shop/serviceaccounts' },
      },
    },
  ];
}

function attach(name: string, policy: string): PlanStep {
  const input = { RoleName: `shop-${name}`, PolicyArn: `arn:aws:iam::aws:policy/${policy}` };
  const call = { service: 'iam', operation: 'AttachRolePolicy', input } as const;
  return { object: `role shop-${name}`, action: `attach ${input.PolicyArn}`, call };
}

function detach(name: string, policy: string): PlanStep {
  const input = { RoleName: `shop-${name}`, PolicyArn: `arn:aws:iam::aws:policy/${policy}` };
  const call = { service: 'iam', operation: 'DetachRolePolicy', input } as const;
  return { object: `role shop-${name}`, action: `detach ${input.PolicyArn}, which podrole attached`, call };
}

const annotate: PlanStep = {
  object: 'ServiceAccount shop/api',
  action: 'annotate',
  document: { name: 'annotations', before: { a: 'old' }, after: { a: 'new' } },
  call: {
    service: 'cluster',
    change: { method: 'PATCH', path: '/api/v1/namespaces/shop/serviceaccounts/api' },
  },
};

const unchanged = Array.from({ length: 197 }, (_, at) => `binding shop/app-${at}`);
const drift: Plan = {
  ...EMPTY,
  unchanged,
  steps: [
    annotate,
    detach('batch', 'AdministratorAccess'),
    attach('batch', 'ReadOnlyAccess'),
    ...newBinding('web'),
  ],
};
const many: Plan = {
  ...EMPTY,
  steps: Array.from({ length: 200 }, (_, at) => newBinding(`new-${at}`)).flat(),
};

const plain = { target, todo: 'give --approve to make them', details: false, paint: painter(false) };

test('of 200 bindings, of which 197 are unchanged, a plan shows what changes and the totals', () => {
  const rendered = renderPlan(drift, plain);
  const golden = join(import.meta.dirname, 'testdata/drift.txt');
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, rendered);
  assert.equal(rendered, readFileSync(golden, 'utf8'));
});

test('--details shows the unchanged bindings too', () => {
  const lines = renderPlan(drift, { ...plain, details: true }).split('\n');
  assert.equal(lines.filter((line) => /^ {2}binding shop\/app-\d+: unchanged$/.test(line)).length, 197);
});

test('200 new bindings are 3 lines each, and their documents are left out without --details', () => {
  const lines = renderPlan(many, plain).trimEnd().split('\n');
  assert.equal(lines.length, 4 + 600 + 3);
  assert.deepEqual(lines.slice(-3), [
    'note: 400 whole documents are left out; give --details to print them',
    'Plan: 200 roles to create, 200 ServiceAccounts to create',
    '600 changes; give --approve to make them',
  ]);
  const whole = renderPlan(many, { ...plain, details: true });
  assert.equal(whole.match(/^ {4}\+\+\+ /gm)?.length, 400);
});

test('colors mark what is created, changed and removed, and change no character', () => {
  const colored = renderPlan(drift, { ...plain, paint: painter(true) });
  assert.equal(stripVTControlCharacters(colored), renderPlan(drift, plain));
  const styled = colored.replaceAll('\x1b', '');
  assert.match(styled, /^\[32m\+\[39m role shop-web: create/m);
  assert.match(styled, /^\[33m~\[39m ServiceAccount shop\/api: annotate/m);
  assert.match(styled, /^\[1m\[31m- REMOVAL: role shop-batch: detach .*\[39m\[22m$/m);
});

for (const [cluster, first] of [
  [undefined, 'cluster: not used'],
  [
    { context: 'loaded-context', cluster: 'cluster', server: 'http://127.0.0.1:1' },
    'cluster: API server 127.0.0.1:1',
  ],
  [{ context: 'a', cluster: 'a', server: 'https://a.test' }, 'cluster: context a, API server a.test'],
  [
    { context: 'a\x1b[31m', cluster: 'a\x1b[31m', server: 'no URL' },
    'cluster: context a\\u001b[31m, API server unknown host',
  ],
] as const) {
  test(`the first line is "${first}"`, () => {
    assert.equal(renderPlan(EMPTY, { ...plain, target: { ...target, cluster } }).split('\n')[0], first);
  });
}

for (const [account, line] of [
  [{ accountId: '', partition: 'aws' }, 'account: none, the default tenant, partition aws'],
  [{ accountId: '', partition: 'minio' }, 'account: none, the roles are of MinIO'],
  [{ accountId: '1', partition: 'aws-cn' }, 'account: 1, partition aws-cn'],
] as const) {
  test(`the second line is "${line}"`, () => {
    assert.equal(renderPlan(EMPTY, { ...plain, target: { ...target, account } }).split('\n')[1], line);
  });
}
