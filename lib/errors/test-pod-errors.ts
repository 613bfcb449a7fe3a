import type { ErrorCatalogue } from './catalogue.ts';

/** `podrole whoami` and `podrole test`. */
export const testPodErrors = {
  CREDENTIALS_REFUSED: {
    happened:
      'The server of container credentials or of instance metadata answered with an error, or without credentials.',
    remedy: 'Correct what its answer names. For a sidecar of podrole, its log says more.',
  },
  CREDENTIALS_UNREACHABLE: {
    happened: 'The server of container credentials or of instance metadata did not answer.',
    remedy: 'Check that it runs, and that its address answers from this process.',
  },
} as const satisfies ErrorCatalogue;
