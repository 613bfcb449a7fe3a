import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf } from '../../testing/bind/binding.ts';
import { defaultRoleName } from '../names.ts';
import { type BindingContext, resolveBinding } from './resolve-binding.ts';

const CONTEXT: BindingContext = {
  accountId: '111122223333',
  partition: 'aws-cn',
  issuer: 'https://oidc.example.com/~one',
  alsoIssuers: ['https://oidc.example.com/two', 'https://oidc.example.com/~one'],
  clusterName: 'blue',
  audience: 'sts.amazonaws.com',
  annotationPrefix: 'eks.amazonaws.com',
  ownershipTags: true,
};

test('a role is made for the ServiceAccount, for each issuer once', () => {
  const { id, roleArn, role, trustEntries, serviceAccount } = resolveBinding(
    bindingOf({ rolePath: '/k8s/' }),
    CONTEXT,
  );
  assert.equal(id, 'shop/web');
  assert.equal(roleArn, 'arn:aws-cn:iam::111122223333:role/k8s/blue-shop-web');
  assert.deepEqual(role?.tags, {
    'podrole.dev/managed-by': 'podrole',
    'podrole.dev/service-account': 'shop/web',
    'podrole.dev/issuer': 'oidc.example.com/_one',
  });
  assert.deepEqual(trustEntries, [
    {
      providerArn: 'arn:aws-cn:iam::111122223333:oidc-provider/oidc.example.com/~one',
      issuer: 'https://oidc.example.com/~one',
      subject: 'system:serviceaccount:shop:web',
      isPattern: false,
      audience: 'sts.amazonaws.com',
    },
    {
      providerArn: 'arn:aws-cn:iam::111122223333:oidc-provider/oidc.example.com/two',
      issuer: 'https://oidc.example.com/two',
      subject: 'system:serviceaccount:shop:web',
      isPattern: false,
      audience: 'sts.amazonaws.com',
    },
  ]);
  assert.deepEqual(serviceAccount?.annotations, { 'eks.amazonaws.com/role-arn': roleArn });
});

test('policies: each once, inline ones with the prefix of podrole', () => {
  const cni = 'arn:aws-cn:iam::aws:policy/AmazonEKS_CNI_Policy';
  const { role } = resolveBinding(
    bindingOf({
      attachPolicyArns: [cni],
      wellKnown: ['vpc-cni', 'vpc-cni-ipv6'],
      inlinePolicies: ['own', 'podrole-named'].map((name) => ({ name, document: {} })),
    }),
    CONTEXT,
  );
  assert.deepEqual(role?.attachedPolicyArns, [cni]);
  assert.deepEqual(
    role?.inlinePolicies.map(({ name }) => name),
    ['podrole-own', 'podrole-named', 'podrole-vpc-cni-ipv6'],
  );
});

test('an audience of its own is annotated too, and trusted', () => {
  const { trustEntries, serviceAccount } = resolveBinding(bindingOf({ audience: 'vault' }), CONTEXT);
  assert.equal(trustEntries[0]?.audience, 'vault');
  assert.equal(serviceAccount?.annotations['eks.amazonaws.com/audience'], 'vault');
});

test('the provider is in the account of an attached role', () => {
  const { role, trustEntries } = resolveBinding(
    bindingOf({ attachRoleArn: 'arn:aws-cn:iam::444455556666:role/a/web' }),
    CONTEXT,
  );
  assert.equal(role, undefined);
  assert.match(trustEntries[0]?.providerArn ?? '', /^arn:aws-cn:iam::444455556666:/);
});

test('a subject pattern, and no ServiceAccount', () => {
  const pattern = bindingOf({ subjectPattern: 'system:serviceaccount:shop:*', roleOnly: true });
  const { trustEntries, serviceAccount } = resolveBinding(pattern, CONTEXT);
  assert.deepEqual(
    [trustEntries[0]?.subject, trustEntries[0]?.isPattern],
    ['system:serviceaccount:shop:*', true],
  );
  assert.equal(serviceAccount, undefined);
});

test('long names of roles are cut, and stay apart', () => {
  const names = ['a', 'b'].map((end) =>
    defaultRoleName({ namespace: 'n'.repeat(63), serviceAccount: `web-${end}` }, undefined),
  );
  assert.deepEqual(
    names.map(({ length }) => length),
    [64, 64],
  );
  assert.notEqual(names[0], names[1]);
  assert.equal(defaultRoleName({ namespace: 'shop', serviceAccount: 'web' }, undefined), 'shop-web');
});
