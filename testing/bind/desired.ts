import type { DesiredBinding, DesiredRole } from '../../bind/desired/desired.ts';
import type { RoleFacts } from '../../bind/iam/iam-facts.ts';
import type { Plan, PlanStep } from '../../bind/plan/plan-step.ts';
import type { TrustEntry } from '../../bind/trust/trust-entry.ts';
import { trustPolicyOf } from '../../bind/trust/trust-statement.ts';
import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';

const ISSUER = 'https://oidc.example.com/one';
export const ROLE_ARN = 'arn:aws:iam::111122223333:role/shop-web';
export const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
export const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

const OWNER_TAGS = {
  [IAM_TAG.managedBy]: IAM_MANAGED_BY,
  [IAM_TAG.serviceAccount]: 'shop/web',
  [IAM_TAG.issuer]: 'oidc.example.com/one',
};

export function entryOf(part: Partial<TrustEntry> = {}): TrustEntry {
  const issuer = part.issuer ?? ISSUER;
  return {
    providerArn: `arn:aws:iam::111122223333:oidc-provider/${issuer.replace('https://', '')}`,
    issuer,
    subject: 'system:serviceaccount:shop:web',
    isPattern: false,
    audience: 'sts.amazonaws.com',
    ...part,
  };
}

/** Role shop-web of ServiceAccount shop/web, without policies. */
export function desiredRoleOf(part: Partial<DesiredRole> = {}): DesiredRole {
  return {
    name: 'shop-web',
    path: '/',
    description: 'For a test',
    maxSessionDurationSeconds: undefined,
    permissionsBoundary: undefined,
    tags: OWNER_TAGS,
    attachedPolicyArns: [],
    inlinePolicies: [],
    givenLists: ['attachPolicyArns', 'inlinePolicies', 'wellKnown'],
    ...part,
  };
}

export function desiredBindingOf(role: DesiredRole): DesiredBinding {
  return { id: 'shop/web', roleArn: ROLE_ARN, role, trustEntries: [entryOf()], serviceAccount: undefined };
}

/** The role as podrole creates it. */
export function roleFactsOf(part: Partial<RoleFacts> = {}): RoleFacts {
  return {
    arn: ROLE_ARN,
    name: 'shop-web',
    path: '/',
    description: 'For a test',
    maxSessionDurationSeconds: 3_600,
    permissionsBoundary: undefined,
    trustPolicy: trustPolicyOf([entryOf()]),
    tags: OWNER_TAGS,
    attachedPolicyArns: [],
    inlinePolicies: [],
    ...part,
  };
}

export function actionsOf(steps: readonly PlanStep[]): readonly string[] {
  return steps.map(({ action }) => action);
}

/** Actions, codes of faults, notes and what is not done of a plan, in one list. */
export function outlineOf({ steps, faults, notes, notDone = [] }: Plan): readonly string[] {
  return [
    ...actionsOf(steps),
    ...faults.map(({ code }) => `fault ${code}`),
    ...notes.map((note) => `note: ${note}`),
    ...notDone.map((line) => `not done: ${line}`),
  ];
}
