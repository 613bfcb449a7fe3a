import type { Binding } from '../../bind/ask/binding.ts';

/** A binding of ServiceAccount shop/web that asks for nothing more than what the part says. */
export function bindingOf(part: Partial<Binding> = {}): Binding {
  return {
    namespace: 'shop',
    serviceAccount: 'web',
    attachRoleArn: undefined,
    roleName: undefined,
    rolePath: '/',
    attachPolicyArns: [],
    inlinePolicies: [],
    wellKnown: [],
    permissionsBoundary: undefined,
    tags: {},
    sessionDurationSeconds: undefined,
    roleOnly: false,
    labels: {},
    annotations: {},
    subjectPattern: undefined,
    audience: undefined,
    ...part,
  };
}
