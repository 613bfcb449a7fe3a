import type { ErrorCatalogue } from './catalogue.ts';

/** Which namespaces may use which roles. */
export const policyErrors = {
  INVALID_ROLE_POLICY: {
    happened:
      'The policy file that says which namespaces may use which roles is not YAML, has an unknown field, or has a pattern that can never match.',
    remedy: 'Correct the lines that the message names. See [policy](policy.md#the-policy-file).',
  },
  ROLE_REFUSED: {
    happened: 'A role may not be used by the pods of this namespace or ServiceAccount.',
    remedy:
      'Use a role that the rules allow, or allow this one, in the policy file or by an annotation of the Namespace. See [policy](policy.md).',
  },
} as const satisfies ErrorCatalogue;
