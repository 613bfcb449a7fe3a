import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProviderFacts } from '../iam/iam-facts.ts';
import { nearMisses } from './near-miss.ts';
import { type ProviderOptions, planProvider } from './plan-provider.ts';

const ARN = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';
const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];
const OPTIONS: ProviderOptions = {
  desired: { arn: ARN, issuer: 'https://oidc.example.com/one', clientIds: ['sts.amazonaws.com'] },
  thumbprints: [NEW],
  tags: {},
  prune: false,
};
const FACTS: ProviderFacts = {
  arn: ARN,
  issuer: 'https://oidc.example.com/one',
  clientIds: ['sts.amazonaws.com'],
  thumbprints: [NEW],
  tags: { team: 'shop' },
  createdAt: undefined,
};
type Row = readonly [
  name: string,
  options: Partial<ProviderOptions>,
  facts: Partial<ProviderFacts>,
  actions: readonly string[],
];

const ADOPTIONS: readonly Row[] = [
  ['the same', {}, {}, []],
  ['more client IDs stay', {}, { clientIds: ['sts.amazonaws.com', 'vault'] }, []],
  [
    'more client IDs are pruned',
    { prune: true },
    { clientIds: ['sts.amazonaws.com', 'vault'] },
    ['remove client ID vault: its tokens are refused from then on'],
  ],
  ['a missing client ID', {}, { clientIds: ['vault'] }, ['add client ID sts.amazonaws.com']],
  ['another thumbprint', {}, { thumbprints: [OLD] }, ['change thumbprints']],
  ['more thumbprints stay', {}, { thumbprints: [OLD, NEW] }, []],
  [
    'more thumbprints are pruned',
    { prune: true },
    { thumbprints: [OLD, NEW] },
    [`change thumbprints, and remove ${OLD}`],
  ],
  ['the same thumbprint twice', { thumbprints: [NEW, NEW], prune: true }, {}, []],
  ['no thumbprint could be read', { thumbprints: [], prune: true }, { thumbprints: [OLD] }, []],
  ['tags', { tags: { team: 'ops', a: 'b' } }, {}, ['set tags team=ops, a=b']],
];
for (const [name, options, facts, actions] of ADOPTIONS) {
  test(`an existing provider: ${name}`, () => {
    const plan = planProvider({ ...OPTIONS, ...options }, { ...FACTS, ...facts }, [ARN]);
    assert.deepEqual([plan.steps.map(({ action }) => action), plan.faults], [actions, []]);
  });
}

test('a missing thumbprint comes first, before those that were there', () => {
  const thumbprints = ['1', '2', '3', '4'];
  const [step] = planProvider(OPTIONS, { ...FACTS, thumbprints }, [ARN]).steps;
  assert.deepEqual(step?.document?.after, [NEW, ...thumbprints]);
});

test('a sixth thumbprint pushes out none of the five: it is a fault, and --prune makes room', () => {
  const facts = { ...FACTS, thumbprints: ['1', '2', '3', '4', '5'] };
  const [fault, ...more] = planProvider(OPTIONS, facts, [ARN]).faults;
  assert.deepEqual([fault?.code, more], ['IAM_QUOTA', []]);
  assert.match(fault?.remedy ?? '', /--prune to keep only those that you ask for/);
  const pruned = planProvider({ ...OPTIONS, prune: true }, facts, [ARN]);
  assert.deepEqual([pruned.faults, pruned.steps[0]?.document?.after], [[], [NEW]]);
});

test('a new provider is tagged as made by podrole', () => {
  const [step] = planProvider({ ...OPTIONS, tags: { team: 'shop' } }, undefined, []).steps;
  assert.deepEqual(step?.call, {
    service: 'iam',
    operation: 'CreateOpenIDConnectProvider',
    input: {
      Url: 'https://oidc.example.com/one',
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: [NEW],
      Tags: [
        { Key: 'team', Value: 'shop' },
        { Key: 'podrole.dev/managed-by', Value: 'podrole' },
      ],
    },
  });
});

test('limits are reported before IAM refuses', () => {
  const others = Array.from(
    { length: 100 },
    (_, at) => `arn:aws:iam::111122223333:oidc-provider/${at}.example.com`,
  );
  const problems = (...args: Parameters<typeof planProvider>) =>
    planProvider(...args).faults.map(({ problem }) => problem);
  assert.deepEqual(problems(OPTIONS, undefined, others), [
    'would be number 101 in the account, but IAM accepts at most 100',
  ]);
  const clientIds = Array.from({ length: 100 }, (_, at) => `${at}`);
  assert.deepEqual(problems(OPTIONS, { ...FACTS, clientIds }, [ARN]), [
    'would have 101 client IDs, but IAM accepts at most 100',
  ]);
  assert.deepEqual(problems({ ...OPTIONS, prune: true }, { ...FACTS, clientIds }, [ARN]), []);
  assert.deepEqual(problems({ ...OPTIONS, thumbprints: ['1', '2', '3', '4', '5', '6'] }, undefined, []), [
    'would have 6 thumbprints, but IAM accepts at most 5',
  ]);
});

test('providers of nearly the same issuer are named', () => {
  const arnOf = (hostPath: string) => `arn:aws:iam::111122223333:oidc-provider/${hostPath}`;
  const others = [
    'oidc.example.com/one/',
    'OIDC.example.com/One',
    'oidc.example.com//one',
    'oidc.example.com/two',
    'oidc.example.com/one',
  ];
  const near = others.slice(0, 3).map(arnOf);
  assert.deepEqual(nearMisses('https://oidc.example.com/one', others.map(arnOf)), near);
  assert.equal(planProvider(OPTIONS, undefined, others.map(arnOf)).notes.length, 3);
});
