import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { SetupError } from '../../../testing/setup-error.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Defines the kinds of cert-manager and of the Prometheus operator that the manifests use, by the definitions
 * that these projects ship.
 * @throws SetupError `E2E_OUTSIDE` outside e2e/run
 */
export async function defineForeignKinds(api: Pick<AdminClient, 'request'>): Promise<void> {
  const folder = process.env['PODROLE_E2E_DEFINITIONS'];
  if (folder === undefined) {
    throw new SetupError({
      code: 'E2E_OUTSIDE',
      object: 'PODROLE_E2E_DEFINITIONS',
      problem: 'is not set',
      remedy: 'start the end-to-end tests by e2e/run',
    });
  }
  for (const file of await readdir(folder)) {
    const definition = parse(await readFile(path.join(folder, file), 'utf8'));
    await expectSuccess(api, 'POST', DEFINITIONS, definition);
    const { group, names, versions } = definition.spec;
    await waitFor(
      async () =>
        (await api.request('GET', `/apis/${group}/${versions[0].name}/${names.plural}`)).status === 200,
      `kind ${names.kind}`,
    );
  }
}
