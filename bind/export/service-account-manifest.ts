import type { DesiredBinding } from '../desired/desired.ts';

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

/** Returns the ServiceAccounts of bindings as manifests. A binding may have a role alone. */
export function serviceAccountManifests(
  bindings: readonly DesiredBinding[],
): readonly ServiceAccountManifest[] {
  return bindings.flatMap(({ serviceAccount }) => {
    if (!serviceAccount) return [];
    const { namespace, name, annotations, labels } = serviceAccount;
    const withLabels = Object.keys(labels).length > 0 ? { labels } : {};
    return [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name, ...withLabels, annotations } },
    ];
  });
}
