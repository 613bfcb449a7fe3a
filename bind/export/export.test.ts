import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DesiredBinding, DesiredProvider, DesiredRole } from '../desired/desired.ts';
import { exportAwsCli } from './export-aws-cli.ts';
import { exportCloudFormation } from './export-cloudformation.ts';
import type { ExportInput } from './export-input.ts';
import { exportTerraform } from './terraform/export-terraform.ts';

/**
 * To rewrite the golden files, then look at the difference: UPDATE_GOLDEN=1 node --test
 * bind/export/export.test.ts
 */
const FORMATS = {
  'aws-cli.json': exportAwsCli,
  tf: exportTerraform,
  'cloudformation.yaml': exportCloudFormation,
};

const provider: DesiredProvider = {
  arn: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one',
  issuer: 'https://oidc.example.com/one',
  clientIds: ['sts.amazonaws.com'],
};

/** Of a role that trusts both, and whose name comes to the same. */
const other: DesiredProvider = {
  arn: 'arn:aws:iam::111122223333:oidc-provider/oidc-example.com/one',
  issuer: 'https://oidc-example.com/one',
  clientIds: ['sts.amazonaws.com'],
};

const web = binding('shop', 'web', {
  maxSessionDurationSeconds: 7_200,
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  description: `${'$'}{not a template} %{nor this} "quoted" \\ no`,
  tags: { 'podrole.dev/managed-by': 'podrole', 'cost centre': 'no' },
  attachedPolicyArns: [
    'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    'arn:aws:iam::111122223333:policy/team/AmazonS3ReadOnlyAccess',
  ],
  inlinePolicies: [
    {
      name: 'own-home',
      document: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['s3:GetObject'],
            Resource: `arn:aws:s3:::home/${'$'}{aws:PrincipalTag/team}/*`,
            Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': 10 } },
          },
        ],
      },
    },
  ],
});
// These two would have the same name in every format.
const oneName = [binding('shop-a', 'b.1', {}), binding('shop', 'a-b.1', {}), binding('7', 'x', {})];
const attached: DesiredBinding = {
  ...binding('kube-system', 'aws-node', {}),
  roleArn: 'arn:aws:iam::111122223333:role/cni',
  role: undefined,
};
const nightly = binding('jobs', 'nightly', {});
const roleOnly: DesiredBinding = {
  ...nightly,
  trustEntries: nightly.trustEntries.flatMap((entry) => [
    entry,
    { ...entry, providerArn: other.arn, issuer: other.issuer },
  ]),
  serviceAccount: undefined,
};

const CASES: Readonly<Record<string, ExportInput>> = {
  many: {
    providers: [provider, other],
    thumbprints: ['9e99a48a9960b14926bb7f3b02e22da2b0ab7280'],
    bindings: [web, ...oneName, attached, roleOnly],
  },
  'provider-elsewhere': { providers: [], thumbprints: [], bindings: [roleOnly] },
};

for (const [name, input] of Object.entries(CASES)) {
  for (const [format, write] of Object.entries(FORMATS)) {
    test(`${name} as ${format}`, () => {
      const path = `${import.meta.dirname}/testdata/${name}.${format}`;
      const text = write(input);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'));
      const reordered = write({ ...input, bindings: input.bindings.toReversed() });
      const lines = (whole: string) => whole.split('\n').sort();
      if (format !== 'aws-cli.json')
        assert.deepEqual(lines(reordered), lines(text), 'names depend on no order');
    });
  }
}

function binding(namespace: string, name: string, role: Partial<DesiredRole>): DesiredBinding {
  const roleName = `one-${namespace}.${name}`;
  const roleArn = `arn:aws:iam::111122223333:role/podrole/${roleName}`;
  return {
    id: `${namespace}/${name}`,
    roleArn,
    role: {
      name: roleName,
      path: '/podrole/',
      description: `ServiceAccount ${namespace}/${name}`,
      maxSessionDurationSeconds: undefined,
      permissionsBoundary: undefined,
      tags: { 'podrole.dev/managed-by': 'podrole' },
      attachedPolicyArns: [],
      inlinePolicies: [],
      givenLists: [],
      ...role,
    },
    trustEntries: [
      {
        providerArn: provider.arn,
        issuer: provider.issuer,
        subject: `system:serviceaccount:${namespace}:${name}`,
        isPattern: false,
        audience: 'sts.amazonaws.com',
      },
    ],
    serviceAccount: {
      namespace,
      name,
      annotations: { 'eks.amazonaws.com/role-arn': roleArn },
      labels: name === 'web' ? { 'app.kubernetes.io/name': 'web' } : {},
    },
  };
}
