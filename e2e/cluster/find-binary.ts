import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { SetupError } from '../../testing/setup-error.ts';

export type Binary =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  // Of nodes.
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'containerd'
  | 'ctr'
  | 'helm'
  | 'prometheus'
  | 'promtool'
  | 'krew'
  // A server with S3 and STS.
  | 'minio';

/**
 * Returns the path of a Kubernetes program, never the machine's own kubectl, which may be another version or
 * a vendor's wrapper.
 * @param folders value of PODROLE_E2E_BINARIES, which e2e/run sets: separated by `:`, the preferred first
 * @throws SetupError `E2E_OUTSIDE` outside e2e/run
 */
export function findBinary(name: Binary, folders: string | undefined): string {
  const found = folders
    ?.split(':')
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
  if (found !== undefined) return found;
  throw new SetupError({
    code: 'E2E_OUTSIDE',
    object: name,
    problem: 'is not among the programs that this test was given',
    remedy: 'start the end-to-end tests by e2e/run',
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
