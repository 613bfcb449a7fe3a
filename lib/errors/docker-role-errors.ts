import type { ErrorCatalogue } from './catalogue.ts';

/** Roles of the containers of a Docker host. */
export const dockerRoleErrors = {
  INVALID_ROLE_FILE: {
    happened:
      'The role file of `podrole docker` is not YAML, has an unknown field or two rules for the same containers, or names a role that cannot be completed or that `--allow` does not include.',
    remedy: 'Correct the lines that the message names. `podrole docker --check` reads the file and ends.',
  },
  CONTAINER_ROLE_REFUSED: {
    happened:
      'A label, a variable or a rule names a role for the container that it does not get: `--allow` does not include it, or the role or its session policy is invalid.',
    remedy: 'The message names the place and the problem. Correct it, or allow the role.',
  },
} as const satisfies ErrorCatalogue;
