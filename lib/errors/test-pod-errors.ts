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
  NO_IDENTITY_IN_POD: {
    happened:
      'The pod of `podrole test` ran, and found no identity. The message has the fault that it met, with its code.',
    remedy: 'Look up the code of that fault. Most often the trust policy of the role does not match.',
  },
  NO_ROLE_INJECTED: {
    happened:
      'The API server created the pod of `podrole test` without a role: no annotation, no webhook, or one that was not asked.',
    remedy:
      'Do what the message says. [webhook.md](webhook.md#when-a-pod-has-no-role) has the other reasons.',
  },
  NO_TEST_IMAGE: {
    happened: 'podrole found no webhook in the cluster whose image it could use for the pod.',
    remedy: 'Give `--image`.',
  },
  OTHER_IDENTITY: {
    happened: 'The pod of `podrole test` is somebody else than the role that it was given.',
    remedy: 'Look for other credentials in the pod: variables of a policy of the cluster, for example.',
  },
  TEST_POD_LEFT: {
    happened: 'The pod of `podrole test` could not be removed.',
    remedy: 'Remove it. The next run removes it too, and its deadline ends it.',
  },
  TEST_POD_NOT_STARTED: {
    happened: 'The pod of `podrole test` was created, and did not get to its answer.',
    remedy: 'Do what the message says. It quotes the status and the events of the pod.',
  },
  TEST_POD_REFUSED: {
    happened: 'The API server did not create the pod of `podrole test`: a right, a quota, or a policy.',
    remedy: 'Do what the message says. [test.md](test.md#what-it-needs) has the rights.',
  },
} as const satisfies ErrorCatalogue;
