import { type ApiRoot, apiPath } from './api-path.ts';

/** Place of a kind in the API. */
interface ResourceKind {
  readonly root: ApiRoot;
  /** `deployments`. */
  readonly resource: string;
  readonly isNamespaced: boolean;
}

const inCore = (resource: string): ResourceKind => ({ root: '/api/v1', resource, isNamespaced: true });
const inGroup = (root: ApiRoot, resource: string, isNamespaced: boolean): ResourceKind => ({
  root,
  resource,
  isNamespaced,
});

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Kinds of the objects that podrole installs, by their apiVersion and kind. */
const KINDS: Readonly<Record<string, ResourceKind>> = {
  'v1 Namespace': { ...inCore('namespaces'), isNamespaced: false },
  'v1 ConfigMap': inCore('configmaps'),
  'v1 ResourceQuota': inCore('resourcequotas'),
  'v1 Secret': inCore('secrets'),
  'v1 Service': inCore('services'),
  'v1 ServiceAccount': inCore('serviceaccounts'),
  'apps/v1 Deployment': inGroup('/apis/apps/v1', 'deployments', true),
  'policy/v1 PodDisruptionBudget': inGroup('/apis/policy/v1', 'poddisruptionbudgets', true),
  'networking.k8s.io/v1 NetworkPolicy': inGroup('/apis/networking.k8s.io/v1', 'networkpolicies', true),
  'rbac.authorization.k8s.io/v1 Role': inGroup(RBAC, 'roles', true),
  'rbac.authorization.k8s.io/v1 RoleBinding': inGroup(RBAC, 'rolebindings', true),
  'rbac.authorization.k8s.io/v1 ClusterRole': inGroup(RBAC, 'clusterroles', false),
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': inGroup(RBAC, 'clusterrolebindings', false),
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': inGroup(
    ADMISSION,
    'mutatingwebhookconfigurations',
    false,
  ),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': inGroup(
    ADMISSION,
    'validatingadmissionpolicies',
    false,
  ),
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': inGroup(
    ADMISSION,
    'validatingadmissionpolicybindings',
    false,
  ),
};

/** An object by its names. */
export interface ObjectId {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for an object without a namespace. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/**
 * Returns the path of an object in the API.
 * @throws PodroleError `INVALID_NAME`
 * @throws Error for a kind that podrole does not install
 */
export function objectPath({ apiVersion, kind, namespace, name }: ObjectId): string {
  const { root, resource, isNamespaced } = kindOf(apiVersion, kind);
  return isNamespaced
    ? apiPath(root, 'namespaces', namespace ?? '', resource, name)
    : apiPath(root, resource, name);
}

/** Returns the name of a kind in the rules of RBAC: `deployments.apps`. */
export function rbacResource({ apiVersion, kind }: Pick<ObjectId, 'apiVersion' | 'kind'>): string {
  const [, group] = /^(.*)\/[^/]+$/.exec(apiVersion) ?? [];
  const { resource } = kindOf(apiVersion, kind);
  return group === undefined ? resource : `${resource}.${group}`;
}

function kindOf(apiVersion: string, kind: string): ResourceKind {
  const found = KINDS[`${apiVersion} ${kind}`];
  if (!found) throw new Error(`${apiVersion} ${kind} is not a kind that podrole installs`);
  return found;
}
