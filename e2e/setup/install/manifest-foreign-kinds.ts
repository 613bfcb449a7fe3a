import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

/** Kinds of cert-manager and of the Prometheus operator in the manifests. */
const FOREIGN = [
  { group: 'cert-manager.io', version: 'v1', kinds: ['Certificate', 'Issuer'] },
  { group: 'monitoring.coreos.com', version: 'v1', kinds: ['ServiceMonitor', 'PrometheusRule'] },
] as const;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Defines these kinds in the API server, with stand-ins that accept any spec: the real definitions check
 * more.
 */
export async function defineForeignKinds(api: Pick<AdminClient, 'request'>): Promise<void> {
  for (const { group, version, kinds } of FOREIGN) {
    for (const kind of kinds) {
      const singular = kind.toLowerCase();
      const plural = `${singular}s`;
      const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      const openAPIV3Schema = { type: 'object', properties: { spec }, required: ['spec'] };
      await expectSuccess(api, 'POST', DEFINITIONS, {
        metadata: { name: `${plural}.${group}` },
        spec: {
          group,
          names: { kind, plural, singular },
          scope: 'Namespaced',
          versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
        },
      });
      await waitFor(
        async () => (await api.request('GET', `/apis/${group}/${version}/${plural}`)).status === 200,
        `kind ${kind}`,
      );
    }
  }
}
