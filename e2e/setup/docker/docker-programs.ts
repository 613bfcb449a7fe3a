import path from 'node:path';
import { SetupError } from '../../../testing/setup-error.ts';

/** Debian's name of this machine's architecture in the paths of libraries. */
const MULTIARCH = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** Programs of Docker, Compose and Podman that e2e/docker/install has unpacked. */
export interface DockerPrograms {
  readonly folder: string;
  /** The whole environment in which the programs find each other and their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws SetupError `E2E_OUTSIDE` outside e2e/run */
export function dockerPrograms(): DockerPrograms {
  const folder = process.env['PODROLE_E2E_DOCKER'];
  if (folder === undefined) {
    throw new SetupError({
      code: 'E2E_OUTSIDE',
      object: 'Docker',
      problem: 'is not among the programs that this test was given',
      remedy: 'start the end-to-end tests by e2e/run',
    });
  }
  const inside = (...places: readonly string[]) => places.map((place) => path.join(folder, place));
  return {
    folder,
    env: {
      PATH: [...inside('usr/sbin', 'usr/bin'), process.env['PATH'] ?? ''].join(':'),
      LD_LIBRARY_PATH: inside(`usr/lib/${MULTIARCH}`, `lib/${MULTIARCH}`).join(':'),
      XTABLES_LIBDIR: path.join(folder, 'usr/lib', MULTIARCH, 'xtables'),
      // Compose is Python.
      PYTHONPATH: path.join(folder, 'usr/lib/python3/dist-packages'),
      HOME: '/root',
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    },
  };
}
