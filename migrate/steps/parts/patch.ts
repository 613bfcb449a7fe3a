import { apiVersionOf, type WorkloadKind } from './workload-kind.ts';

/** Changes to a pod template; null removes what is there. */
export interface TemplateChange {
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly spec?: Readonly<Record<string, string | null>>;
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Returns the strategic merge patch of a pod template, for `kubectl patch` and for kustomize. */
export function templatePatch(
  kind: WorkloadKind,
  { namespace, name }: Named,
  { annotations, labels, spec }: TemplateChange,
): object {
  const metadata = { name, namespace };
  const ofPod = { ...(labels && { labels }), ...(annotations && { annotations }) };
  const head = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  const pod = spec === undefined ? {} : { spec };
  if (kind.template.length === 0) return { ...head, metadata: { ...metadata, ...ofPod }, ...pod };
  const template = { ...(Object.keys(ofPod).length > 0 ? { metadata: ofPod } : {}), ...pod };
  const nested = kind.template.reduceRight<object>((inner, member) => ({ [member]: inner }), template);
  return { ...head, metadata, ...nested };
}

/** Returns the patch of the annotations of a ServiceAccount. */
export function serviceAccountPatch(
  { namespace, name }: Named,
  annotations: Readonly<Record<string, string | null>>,
): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, annotations } };
}

interface Patched {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly name: string;
}

/**
 * Returns an entry of `patches` of a kustomization. It matches by kind and name, so that it also matches
 * manifests that get their namespace from the kustomization. For kustomize, the name is a regular expression.
 */
export function kustomizePatch(path: string, { kind, group, name }: Patched): object {
  return {
    path,
    target: { ...(group === '' ? {} : { group }), kind, name: name.replaceAll('.', '\\.') },
  };
}

/** Returns the component of kustomize that makes the changes of a folder. */
export function kustomizeComponent(resources: readonly string[], patches: readonly object[]): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    ...(resources.length > 0 ? { resources } : {}),
    ...(patches.length > 0 ? { patches } : {}),
  };
}
