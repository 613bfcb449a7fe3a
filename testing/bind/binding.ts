import type { Binding } from '../../bind/ask/binding.ts';

/** Returns a binding of ServiceAccount shop/web with these members; all others are the simplest possible. */
export function bindingOf(part: Partial<Binding> = {}): Binding {
  return {
    namespace: 'shop',
    serviceAccount: 'web',
    attachRoleArn: undefined,
    roleName: undefined,
    rolePath: undefined,
    attachPolicyArns: undefined,
    inlinePolicies: undefined,
    wellKnown: undefined,
    permissionsBoundary: undefined,
    tags: {},
    sessionDurationSeconds: undefined,
    roleOnly: false,
    labels: {},
    annotations: {},
    subjectPattern: undefined,
    conditions: undefined,
    audience: undefined,
    targetRoleArn: undefined,
    sessionTags: undefined,
    ...part,
  };
}
