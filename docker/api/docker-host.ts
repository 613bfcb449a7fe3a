/** Longest path of a Unix socket. [linux] sun_path, without the final NUL */
const LONGEST_PATH = 107;

/**
 * Returns the path of the Unix socket that `DOCKER_HOST` names: `unix:///var/run/docker.sock`. Returns
 * undefined for anything else. A daemon behind `tcp://` or `ssh://` is on another host, whose containers do
 * not reach this process.
 */
export function socketPathOf(dockerHost: string): string | undefined {
  const [, path = ''] = UNIX.exec(dockerHost) ?? [];
  return path.length > 0 && Buffer.byteLength(path) <= LONGEST_PATH ? path : undefined;
}

/** The same for a setting, which was checked when it was read. */
export function knownSocketPath(dockerHost: string): string {
  const path = socketPathOf(dockerHost);
  if (path === undefined) throw new Error(`${dockerHost} is not a Unix socket`);
  return path;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a path with a NUL must not reach the system.
const UNIX = /^unix:\/\/(\/[^\u0000]+)$/;
