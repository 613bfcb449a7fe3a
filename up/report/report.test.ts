import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { EMPTY_PLAN, type PlanStep } from '../../bind/plan/plan-step.ts';
import { painter } from '../../lib/text/paint.ts';
import { renderUp, type UpPlan } from './report.ts';

const call = { service: 'cluster', change: { method: 'PATCH', path: '/' } } as const;
const role: PlanStep = {
  object: 'ClusterRole podrole-webhook',
  action: 'change',
  kind: 'webhook object',
  document: {
    name: 'ClusterRole podrole-webhook',
    before: { rules: [] },
    after: { rules: ['a'] },
    format: 'yaml',
  },
  call,
};
const budget: PlanStep = {
  object: 'PodDisruptionBudget podrole/podrole-webhook',
  action: 'create',
  effect: 'create',
  kind: 'webhook object',
  call,
};
const thumbprints: PlanStep = {
  object: 'OIDC provider arn:aws:iam::111122223333:oidc-provider/keys.test',
  action: 'replace the thumbprints',
  document: { name: 'thumbprints', before: ['a', 'b'], after: ['b'] },
  call: {
    service: 'iam',
    operation: 'UpdateOpenIDConnectProviderThumbprint',
    input: {
      OpenIDConnectProviderArn: 'arn:aws:iam::111122223333:oidc-provider/keys.test',
      ThumbprintList: ['b'],
    },
  },
};
const plan: UpPlan = {
  target: {
    cluster: { context: 'shop', cluster: 'shop', server: 'https://10.0.0.1:6443', version: 'v1.37.1' },
    account: { accountId: '111122223333', partition: 'aws' },
    issuer: 'https://keys.test',
  },
  publication: undefined,
  isVerified: true,
  provider: EMPTY_PLAN,
  webhook: {
    ...EMPTY_PLAN,
    steps: [role, budget],
    notes: ['ClusterRole podrole-webhook: .rules was changed by kubectl-patch, and is set back'],
    unchanged: ['Namespace podrole', 'Service podrole/podrole-webhook'],
  },
};
const plain = { todo: 'give --approve to make them', details: false, paint: painter(false) };

test('a plan has the head, the marks, the diffs and the totals of every plan, in three parts', () => {
  assert.equal(
    renderUp(plan, plain),
    `cluster: context shop, API server 10.0.0.1:6443, Kubernetes v1.37.1
account: 111122223333, partition aws
issuer:  https://keys.test

keys: published elsewhere, and served
OIDC provider: unchanged
webhook:
  ~ ClusterRole podrole-webhook: change
      --- ClusterRole podrole-webhook now
      +++ ClusterRole podrole-webhook then
      @@ -1,1 +1,2 @@
      -rules: []
      +rules:
      +  - a
  + PodDisruptionBudget podrole/podrole-webhook: create
note: ClusterRole podrole-webhook: .rules was changed by kubectl-patch, and is set back
Plan: 1 webhook object to create, 1 webhook object to change, 2 objects unchanged
2 changes; give --approve to make them
`,
  );
});

test('--details names the unchanged objects', () => {
  assert.match(renderUp(plan, { ...plain, details: true }), /^ {2}Namespace podrole: unchanged$/m);
});

test('colors mark what is created and changed, and change no character', () => {
  const colored = renderUp(plan, { ...plain, paint: painter(true) });
  assert.equal(stripVTControlCharacters(colored), renderUp(plan, plain));
  const styled = colored.replaceAll('\x1b', '');
  assert.match(styled, /^ {2}\[32m\+\[39m PodDisruptionBudget/m);
  assert.match(styled, /^ {2}\[33m~\[39m ClusterRole/m);
});

test('a removal stands out', () => {
  const provider = { ...EMPTY_PLAN, steps: [thumbprints] };
  const rendered = renderUp({ ...plan, provider, webhook: undefined }, plain);
  assert.match(rendered, /^ {2}- REMOVAL: OIDC provider .*: replace the thumbprints$/m);
  assert.match(rendered, /^webhook: left as it is$/m);
  assert.match(rendered, /^1 change, 1 of them a removal; give --approve to make them$/m);
});
