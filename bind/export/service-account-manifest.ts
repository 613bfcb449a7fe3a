import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import { withContainerRoles } from '../desired/container-annotation.ts';
import type { DesiredBinding, DesiredServiceAccount } from '../desired/desired.ts';
import { mergeServiceAccounts } from '../desired/merge-service-accounts.ts';
import { type Existing, existingTexts } from './existing.ts';

const KEY = PODROLE_ANNOTATION.containerRoles;

interface ServiceAccountManifest {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

/**
 * Returns the ServiceAccounts of bindings as manifests, each once, with the labels and annotations that they
 * have. A binding may have a role alone.
 */
export function serviceAccountManifests(
  bindings: readonly DesiredBinding[],
  existing?: Existing,
): readonly ServiceAccountManifest[] {
  return mergeServiceAccounts(bindings).bindings.flatMap(({ serviceAccount }) => {
    if (!serviceAccount) return [];
    const { namespace, name } = serviceAccount;
    const found = existing?.serviceAccounts.get(`${namespace}/${name}`);
    const labels = { ...existingTexts(found, 'labels'), ...serviceAccount.labels };
    const annotated = {
      ...serviceAccount,
      annotations: { ...existingTexts(found, 'annotations'), ...serviceAccount.annotations },
    };
    const annotations = { ...annotated.annotations, ...ofContainers(annotated) };
    const withLabels = Object.keys(labels).length > 0 ? { labels } : {};
    return [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name, ...withLabels, annotations } },
    ];
  });
}

function ofContainers(account: DesiredServiceAccount): Readonly<Record<string, string>> {
  const { containerRoles = [] } = account;
  const result = withContainerRoles(account.annotations[KEY] ?? '', containerRoles);
  return containerRoles.length === 0 || 'unclear' in result ? {} : { [KEY]: result.value };
}

/** Returns the faults of ServiceAccounts that cannot be written as manifests. */
export function manifestFaults(bindings: readonly DesiredBinding[]): readonly Fault[] {
  const merged = mergeServiceAccounts(bindings);
  const unclear = merged.bindings.flatMap(({ serviceAccount: account }): readonly Fault[] => {
    if (!account?.containerRoles) return [];
    const result = withContainerRoles(account.annotations[KEY] ?? '', account.containerRoles);
    if (!('unclear' in result)) return [];
    const { problem, remedy } = result.unclear;
    const object = `ServiceAccount ${account.namespace}/${account.name}`;
    return [{ code: 'MALFORMED_CONTAINER_ROLES', object, problem: `annotation ${KEY} ${problem}`, remedy }];
  });
  return [...merged.faults, ...unclear];
}
