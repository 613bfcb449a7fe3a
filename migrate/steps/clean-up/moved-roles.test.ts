import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  migratedRole,
  migratedRoleArn,
  migratedWorkload,
  migrationModel,
  PROXY_ROLE,
} from '../../../testing/migrate/model.ts';
import type { MigratedRole, MigratedWorkload, MigrationModel } from '../../model.ts';
import { movedRoles } from './moved-roles.ts';

const WEB_IDENTITY = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com' },
  Action: 'sts:AssumeRoleWithWebIdentity',
};
const proxyStatement = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });
const policy = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
const MOVED = { untrusted: [], trustPolicy: policy(proxyStatement(PROXY_ROLE), WEB_IDENTITY) };

interface Case {
  readonly role?: Partial<MigratedRole>;
  readonly workloads?: readonly Partial<MigratedWorkload>[];
  readonly model?: Partial<MigrationModel>;
}

/** Roles with a moved workload, and why they wait; undefined: the proxy no longer needs them. */
const CASES: Readonly<Record<string, readonly [given: Case, reason: RegExp | undefined]>> = {
  'all have moved': [{}, undefined],
  'nobody uses it now': [{ workloads: [] }, undefined],
  'one has no pods': [{ workloads: [{ servedBy: 'podrole' }, { servedBy: 'no pods' }] }, undefined],
  'one has no pods, and the rule refuses its next one': [
    {
      workloads: [
        { servedBy: 'podrole' },
        { name: 'late', servedBy: 'no pods', refused: 'Namespace shop …' },
      ],
    },
    /^is used by Deployment shop\/late, whose next pods may not use it: Namespace shop …$/,
  ],
  'one has no pods, and its ServiceAccount has the role, whatever the rule says': [
    {
      workloads: [{ servedBy: 'no pods', refused: 'no', serviceAccountRole: migratedRoleArn('shop-web') }],
    },
    undefined,
  ],
  'one still asks the proxy': [
    { workloads: [{ servedBy: 'podrole' }, { servedBy: 'old proxy', name: 'late' }] },
    /^is used by Deployment shop\/late, not moved yet: step 2$/,
  ],
  'some pods of one': [{ workloads: [{ servedBy: 'both' }] }, /not moved yet/],
  'it is unknown who serves it': [{ workloads: [{ servedBy: 'unknown' }] }, /not moved yet/],
  'one does not trust yet': [{ role: { untrusted: ['shop/web'] } }, /^does not trust shop\/web yet: step 1$/],
  'IAM was not read': [{ role: { untrusted: undefined, trustPolicy: undefined } }, /was not read/],
  'trust of the proxy is unknown': [{ role: { trustsProxy: undefined } }, /was not read/],
  'a policy that is not an object': [{ role: { trustPolicy: '{}' } }, /was not read/],
  'pods of other namespaces were not read': [
    { model: { isWhole: false } },
    /^may be used by pods that were not read: plan for all namespaces/,
  ],
  'the proxy is unknown': [{ model: { proxyRoleArn: undefined } }, /give --proxy-role-arn/],
  'the whole account is trusted': [
    { role: { trustPolicy: policy(proxyStatement('arn:aws:iam::111122223333:root'), WEB_IDENTITY) } },
    /change that by hand/,
  ],
  'nobody else is trusted': [
    { role: { trustPolicy: policy(proxyStatement(PROXY_ROLE)) } },
    /would trust nobody/,
  ],
  'a role of another server': [{ role: { arn: 'arn:aws:iam::tenant1:role/x' } }, /is not in AWS/],
  'a name that is not an ARN': [{ role: { arn: '../x' } }, /is not in AWS/],
};
const DONE: Case['workloads'] = [{ servedBy: 'podrole' }];
for (const [name, [{ role, workloads = DONE, model }, reason]] of Object.entries(CASES)) {
  test(`whether a role needs the proxy: ${name}`, () => {
    const { moved, waiting } = movedRoles(
      migrationModel({
        workloads: workloads.map((one) =>
          migratedWorkload('shop', 'web', { roleArn: role?.arn ?? migratedRoleArn('shop-web'), ...one }),
        ),
        roles: [migratedRole('shop-web', ['shop/web'], { ...MOVED, ...role })],
        ...model,
      }),
    );
    assert.equal(moved.length + waiting.length, 1);
    if (reason) assert.match(waiting[0]?.reason ?? '', reason);
    else assert.deepEqual(moved[0]?.after, policy(WEB_IDENTITY));
  });
}

test('a role that the proxy cannot assume is neither changed nor waited for', () => {
  for (const role of [{ trustsProxy: false }, { exists: false }]) {
    const found = movedRoles(migrationModel({ roles: [migratedRole('shop-web', [], role)] }));
    assert.deepEqual(found, { moved: [], waiting: [] });
  }
});
