import type { IncomingHttpHeaders } from 'node:http';

/** API of a daemon. */
export interface ApiVersion {
  /** Version with which it is asked: `1.41`. */
  readonly docker: string;
  /** Version of Podman's own API; undefined for Docker. */
  readonly libpod: string | undefined;
}

/**
 * Newest version whose answers are known: that of Docker 28.3. A newer daemon speaks it too: Docker 29 speaks
 * 1.44 to 1.52. Docker 20.10 speaks up to 1.41.
 */
const NEWEST_MINOR = 51;

const VERSION = /^1\.(\d{1,4})$/;
const LIBPOD_VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

/** Returns the API that a daemon speaks, by the headers of `/_ping`; undefined if they do not say. */
export function apiVersionOf(headers: IncomingHttpHeaders): ApiVersion | undefined {
  const [, minor] = VERSION.exec(String(headers['api-version'])) ?? [];
  if (minor === undefined) return undefined;
  const libpod = String(headers['libpod-api-version']);
  return {
    docker: `1.${Math.min(Number(minor), NEWEST_MINOR)}`,
    libpod: LIBPOD_VERSION.test(libpod) ? libpod : undefined,
  };
}

/**
 * Returns the prefix of a path, such as `/v1.41`. Podman's own paths begin with `/libpod/` and have versions
 * of their own.
 */
export function pathPrefixOf({ docker, libpod }: ApiVersion, path: string): string {
  return path.startsWith('/libpod/') ? `/v${libpod ?? '4.0.0'}` : `/v${docker}`;
}
