import type { IAMClient } from '@aws-sdk/client-iam';
import { mapLimited } from '../../../bind/facts/map-limited.ts';
import { IAM_READS_AT_ONCE } from '../../../bind/iam/open-iam.ts';
import { policySize } from '../../../bind/iam/policy-size.ts';
import { readPolicyDocument } from '../../../bind/iam/read-policy.ts';
import { type BareRole, readBareRole, readRolePolicies, readRoleTags } from '../../../bind/iam/read-role.ts';
import type { RoleFactsOfDoctor } from '../../facts/aws-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import { iamReading } from './iam-reading.ts';

type Policy = Extract<RoleFactsOfDoctor['policies'], { state: 'read' }>['value'][number];

/** Reads a role, its policies and their documents. A part that may not be read hides no other part. */
export async function readRoleFacts(
  iam: IAMClient,
  name: string,
  signal: AbortSignal,
): Promise<Reading<RoleFactsOfDoctor>> {
  const reading = await iamReading(`iam:GetRole on role ${name}`, signal, () => readBareRole(iam, name));
  if (reading.state !== 'read') return reading;
  const role = reading.value;
  const [tags, policies] = await Promise.all([
    role.tags ?? tagsOf(iam, name, signal),
    readPolicies(iam, role, signal),
  ]);
  const trustPolicy = role.trustPolicy ?? null;
  return {
    state: 'read',
    value: {
      arn: role.arn,
      name: role.name,
      trustPolicy,
      ...(trustPolicy === null ? {} : { trustPolicyLength: policySize(trustPolicy) }),
      maxSessionDurationSeconds: role.maxSessionDurationSeconds,
      tags,
      policies,
    },
  };
}

/** The tags of a role decide nothing on AWS: what cannot be read is left out. */
async function tagsOf(
  iam: IAMClient,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const tags = await iamReading('iam:ListRoleTags', signal, () => readRoleTags(iam, name));
  return tags.state === 'read' ? tags.value : {};
}

async function readPolicies(
  iam: IAMClient,
  { name, permissionsBoundary }: BareRole,
  signal: AbortSignal,
): Promise<Reading<readonly Policy[]>> {
  const needs = `iam:ListAttachedRolePolicies, iam:ListRolePolicies and iam:GetRolePolicy on role ${name}`;
  const found = await iamReading(needs, signal, () => readRolePolicies(iam, name));
  if (found.state !== 'read') return found;
  const { attachedPolicyArns = [], inlinePolicies } = found.value;
  const managed = [
    ...attachedPolicyArns.map((arn) => ({ arn, kind: 'managed' }) as const),
    ...(permissionsBoundary === undefined ? [] : [{ arn: permissionsBoundary, kind: 'boundary' } as const]),
  ];
  const documents = await mapLimited(managed, IAM_READS_AT_ONCE, async ({ arn, kind }): Promise<Policy> => {
    const right = `iam:GetPolicy and iam:GetPolicyVersion on ${arn}`;
    return { name: arn, kind, document: await iamReading(right, signal, () => readPolicyDocument(iam, arn)) };
  });
  const inline = inlinePolicies.map(
    (policy): Policy => ({
      name: policy.name,
      kind: 'inline',
      document: { state: 'read', value: policy.document ?? null },
    }),
  );
  return { state: 'read', value: [...inline, ...documents] };
}
