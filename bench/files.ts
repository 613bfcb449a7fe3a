import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from '../testing/certificates/certificates.ts';

/** Paths of the files that the measured servers read. */
export interface BenchFiles {
  readonly cert: string;
  readonly key: string;
  /** Only the ServiceAccount of the sample review. */
  readonly serviceAccounts: string;
  /** A kubeconfig whose server address `--kube-api` replaces. */
  readonly kubeconfig: string;
}

export async function writeBenchFiles(folder: string): Promise<BenchFiles> {
  const { cert, key } = await (await createAuthority('bench')).issue(['localhost', '127.0.0.1']);
  const write = async (name: string, content: string | object) => {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  return {
    cert: await write('tls.crt', cert),
    key: await write('tls.key', key),
    serviceAccounts: await write('serviceaccounts.json', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        namespace: 'bench',
        name: 'annotated-1',
        annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/bench' },
      },
    }),
    kubeconfig: await write('kubeconfig.json', {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'bench', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'bench', user: {} }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
      'current-context': 'bench',
    }),
  };
}
