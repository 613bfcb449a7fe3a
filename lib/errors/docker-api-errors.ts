import type { ErrorCatalogue } from './catalogue.ts';

/** Calls to the Docker daemon. */
export const dockerApiErrors = {
  DOCKER_REFUSED: {
    happened:
      'The Docker daemon answered a request with an error, or with something that is not an answer of its API.',
    remedy:
      'Check that `--docker-host` is the socket of Docker 20.10 or later, or of `podman system service`.',
  },
  DOCKER_UNREACHABLE: {
    happened: 'The Docker daemon does not answer on its socket. Containers get no new answer until it does.',
    remedy:
      'Check that the daemon runs, that `--docker-host` names its socket, and that podrole may open it: root may, and the group of the socket.',
  },
} as const satisfies ErrorCatalogue;
