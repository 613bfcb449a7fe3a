import type { ErrorCatalogue } from './catalogue.ts';

/** `podrole audit`. */
export const auditErrors = {
  CLUSTER_NOT_AUDITED: {
    happened:
      'A cluster did not answer, so the audit says nothing about it. What the others and IAM answered was printed.',
    remedy: 'Check the context and the network. The message has what the API server answered.',
  },
  NOT_CONFIRMED: {
    happened:
      'A command would start pods in the cluster, and nobody agreed: the answer was not yes, or there was no terminal to ask on.',
    remedy: 'Answer yes, or give `--yes`.',
  },
} as const satisfies ErrorCatalogue;
