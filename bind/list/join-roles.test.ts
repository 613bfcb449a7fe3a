import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIST_CONTEXT as CONTEXT } from '../../testing/bind/list-context.ts';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { joinRoles, type TaggedRole, unnamedRoles } from './join-roles.ts';

const ISSUER = 'https://oidc.example.com/one';
const OTHER = 'https://other.example.com';
const ACCOUNTS = [
  { namespace: 'shop', name: 'web', annotations: {} },
  {
    namespace: 'shop',
    name: 'logs',
    annotations: { 'podrole.dev/container-roles': `a=${arnOf('named')},b=${arnOf('path/named-too')}` },
  },
];

/** Rows of a role that no ServiceAccount names, by its tags and its trust policy. */
const ROLES: readonly (readonly [name: string, role: TaggedRole, expected: readonly string[]])[] = [
  [
    'made for a ServiceAccount that is gone',
    role({ tag: 'shop/gone', subject: 'system:serviceaccount:shop:gone' }),
    ['orphaned shop/gone: the ServiceAccount does not exist'],
  ],
  [
    'made for a ServiceAccount that does not name it',
    role({ tag: 'shop/web', subject: 'system:serviceaccount:shop:web' }),
    ['drifted shop/web: the ServiceAccount is not annotated with this role'],
  ],
  [
    'made for a container of a ServiceAccount that does not name it',
    role({ tag: 'shop/web/fluentd', subject: 'system:serviceaccount:shop:web' }),
    ['drifted shop/web: the ServiceAccount is not annotated with this role'],
  ],
  [
    'made by somebody else for a ServiceAccount that is gone',
    role({ subject: 'system:serviceaccount:shop:gone' }),
    ['orphaned shop/gone: the ServiceAccount does not exist; podrole did not create the role'],
  ],
  ['made by somebody else for one that is there', role({ subject: 'system:serviceaccount:shop:web' }), []],
  [
    'a wildcard',
    role({ subject: 'system:serviceaccount:shop:*' }),
    ['wildcard undefined/undefined: SID lets in every ServiceAccount of namespace shop'],
  ],
  [
    'a wildcard that podrole made',
    role({ tag: 'shop/gone', subject: 'system:serviceaccount:shop:*' }),
    ['wildcard shop/gone: SID lets in every ServiceAccount of namespace shop'],
  ],
  [
    'for another cluster, whose ServiceAccounts are not known here',
    role({ tag: 'shop/gone', issuer: OTHER, subject: 'system:serviceaccount:shop:gone' }),
    ['foreign issuer undefined/undefined: trusts https://other.example.com'],
  ],
];

for (const [name, given, expected] of ROLES) {
  test(name, () => {
    const rows = joinRoles([given], ACCOUNTS, CONTEXT).map(
      ({ state, namespace, serviceAccount, details }) =>
        `${state} ${namespace}/${serviceAccount}: ${details.join('; ').replace(/Podrole\w+/, 'SID')}`,
    );
    assert.deepEqual(rows, expected);
  });
}

test('tags are read only of roles for web identities that no ServiceAccount names', () => {
  const ec2 = { Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2' }, Action: 'sts:AssumeRole' }] };
  const roles = ['named', 'path/named-too', 'unnamed'].map((name) => ({ ...role({}), arn: arnOf(name) }));
  const all = [...roles, { ...role({}), arn: arnOf('node'), trustPolicy: ec2 }];
  assert.deepEqual(
    unnamedRoles(all, ACCOUNTS, CONTEXT).map(({ arn }) => arn),
    [arnOf('unnamed')],
  );
});

interface Sketch {
  readonly tag?: string;
  readonly issuer?: string;
  readonly subject?: string;
}

function role({ tag, issuer = ISSUER, subject = 'system:serviceaccount:shop:web' }: Sketch): TaggedRole {
  const hostPath = issuer.slice('https://'.length);
  const providerArn = `arn:aws:iam::111122223333:oidc-provider/${hostPath}`;
  const isPattern = subject.includes('*');
  const ours = { 'podrole.dev/managed-by': 'podrole', 'podrole.dev/issuer': hostPath };
  return {
    arn: arnOf('role'),
    name: 'role',
    path: '/',
    tags: tag === undefined ? {} : { ...ours, 'podrole.dev/service-account': tag },
    trustPolicy: trustPolicyOf([{ providerArn, issuer, subject, isPattern, audience: 'sts.amazonaws.com' }]),
  };
}

function arnOf(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

test('the steps of looking for role ARNs grow with the annotations, whatever they repeat', async () => {
  for (const text of ['arn:', 'arn:a:role/', 'a=arn:b=', ',', 'x']) {
    await assertLinear((size) => {
      const annotations = { note: text.repeat(size) };
      return () => unnamedRoles([], [{ namespace: 'shop', name: 'web', annotations }], CONTEXT);
    });
  }
});
