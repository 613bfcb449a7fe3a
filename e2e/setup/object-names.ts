import type { ControlPlane } from '../cluster/control-plane.ts';
import { expectKubectl } from './install/install-podrole.ts';

/** Kinds that come and go without anybody's doing. */
const PASSING = /^(events|leases)(\.|$)/;

/** Every object of every kind in the cluster that can be listed: `Kind namespace name`, sorted. */
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
