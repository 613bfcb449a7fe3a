import type { ErrorCatalogue } from './catalogue.ts';

/**
 * Refusals of `podrole doctor` and `podrole audit`. Findings of doctor have codes of their own:
 * docs/troubleshooting.md.
 */
export const doctorErrors = {
  NAMESPACE_MISSING: {
    happened: 'The namespace that `podrole audit` should look at does not exist in any of the clusters.',
    remedy: 'Correct the name, or leave it out to audit all namespaces.',
  },
  NOTHING_TO_JUDGE: {
    happened:
      'No ServiceAccount of the namespace has a role, or the folder of `--offline` holds no saved facts.',
    remedy:
      'Name a pod, a workload or a ServiceAccount, or another namespace; for `--offline`, the folder that `--save` wrote.',
  },
  SAVED_FACTS_INVALID: {
    happened:
      'A file of `--offline` was not written by `--save`, was changed since, or is of another version.',
    remedy: 'Save the facts again with the same version of podrole. The message names file and field.',
  },
  SUBJECT_MISSING: {
    happened: 'The pod, workload or ServiceAccount that `podrole doctor` should judge does not exist.',
    remedy: 'Correct its name or its namespace.',
  },
} as const satisfies ErrorCatalogue;
