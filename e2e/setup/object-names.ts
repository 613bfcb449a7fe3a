import type { ControlPlane } from '../cluster/control-plane.ts';
import { expectKubectl } from './install/install-podrole.ts';

/** Kinds of objects that Kubernetes creates and deletes by itself. */
const PASSING = /^(events|leases)(\.|$)/;

/** Lists every object of every kind in the cluster: `Kind namespace name`, sorted. */
export async function objectNames(cluster: Pick<ControlPlane, 'kubectl'>): Promise<string[]> {
  const kinds = (await expectKubectl(cluster, ['api-resources', '--verbs=list', '--output=name']))
    .split('\n')
    .filter((kind) => kind !== '' && !PASSING.test(kind));
  const columns = 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const listed = await expectKubectl(cluster, [
    ...['get', kinds.join(','), '--all-namespaces', '--ignore-not-found', '--no-headers'],
    ...['--output', columns],
  ]);
  const lines = listed.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
  return lines.filter(Boolean).sort();
}
