import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { useBindSite } from './bind-site.ts';

/** Statement of the policy in the file. */
export const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
/** No issuer is reachable in a test, so that its thumbprint cannot be fetched. */
const THUMBPRINT = ['--thumbprint', '990f4193972f2becf12ddeda5237f9c952f20d9e'];

/** Command line that binds the ServiceAccount shop/web. */
export const BIND_WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];

/** Commands one after the other against one IAM and one cluster, with their files in a temporary folder. */
export function useBinds() {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-binds-'));
  after(() => rmSync(folder, { recursive: true }));
  const policyFile = join(folder, 'read.json');
  writeFileSync(policyFile, JSON.stringify({ Statement: [STATEMENT] }));
  const site = useBindSite();
  let files = 0;
  return {
    site,
    policyFile,
    /** Runs a command and returns its output. @throws when it fails */
    run: async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await site.podrole(...args);
      assert.equal(exitCode, 0, stderr);
      return stdout;
    },
    /** Returns the command line for a new bindings file with one binding of shop/web. */
    bindingsFile: (binding: object): readonly string[] => {
      const file = join(folder, `bindings-${++files}.json`);
      const bindings = [{ namespace: 'shop', serviceAccount: 'web', ...binding }];
      writeFileSync(file, JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings }));
      return ['bind', '-f', file, ...THUMBPRINT];
    },
  };
}
