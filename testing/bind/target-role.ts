import type { MemoryIam } from '../aws/memory-iam.ts';

/** Statement of somebody else in a trust policy. */
export const OF_EC2 = {
  Effect: 'Allow',
  Principal: { Service: 'ec2.amazonaws.com' },
  Action: 'sts:AssumeRole',
};

/** Puts a role with a trust policy into IAM, in place of one of the same name. */
export function addTargetRole(iam: MemoryIam, name: string, ...statements: readonly unknown[]): void {
  iam.roles.set(name, {
    path: '/',
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set(),
    inline: new Map(),
  });
}

interface StatementSeen {
  readonly Sid?: string;
  readonly Principal?: { readonly AWS?: string };
  readonly Action?: unknown;
  readonly Condition?: unknown;
}

/** Returns the statements of a role's trust policy. */
export function statementsIn(iam: MemoryIam, name: string): readonly StatementSeen[] {
  return JSON.parse(iam.roles.get(name)?.trustPolicy ?? '{}').Statement;
}
