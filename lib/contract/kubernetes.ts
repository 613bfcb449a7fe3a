/**
 * Names, paths and limits of Kubernetes.
 *
 * [k8s]      Kubernetes API reference 1.36
 * [webhook]  amazon-eks-pod-identity-webhook, README and main.go, August 2026
 */

/**
 * Labels and value by which the nodeSelector of a pod marks it as a Windows pod. [k8s] well-known labels,
 * [webhook]
 */
export const WINDOWS_NODE = {
  labels: ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  value: 'windows',
} as const;

/**
 * Annotation of a mirror pod, in which kubelet shows a static pod to the API server. The API server refuses a
 * mirror pod that refers to a ServiceAccount or projects its token. [k8s] "Create static Pods", plugin
 * ServiceAccount
 */
export const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';

/**
 * Longest DNS label. It limits the names of namespaces, containers and volumes, and of pods that a controller
 * creates. [k8s] RFC 1123
 */
export const DNS_LABEL_MAX_LENGTH = 63;

/** Longest DNS subdomain. It limits the names of pods and ServiceAccounts. [k8s] RFC 1123 */
export const DNS_SUBDOMAIN_MAX_LENGTH = 253;

/**
 * Lengths of a generated name. After admission, the API server cuts generateName to its first 58 characters
 * and appends 5 of its own. [k8s]
 */
export const GENERATED_NAME = { maxBaseLength: 58, suffixLength: 5 } as const;

/** Longest admission warning that the API server does not cut. [k8s] AdmissionResponse.warnings */
export const ADMISSION_WARNING_MAX_LENGTH = 256;

/**
 * Most characters of all warnings of a response together. If there are more, the API server cuts each warning
 * to 256 characters and drops the rest. [k8s] apiserver/pkg/endpoints/filters/warning.go,
 * truncateAtTotalRunes
 */
export const ADMISSION_WARNINGS_MAX_TOTAL = 4_096;

/** The only version of AdmissionReview that podrole supports. [k8s] */
export const ADMISSION_REVIEW = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;

/**
 * Most bytes of an admission review. kube-apiserver accepts requests of up to 3 MiB. The review of an update
 * contains the old object and the new one; the rest is for its envelope. [k8s] kube-apiserver,
 * MaxRequestBodyBytes
 */
export const REVIEW_MAX_BYTES = 7 * 1024 * 1024;

/** Annotation of the BOOKMARK that ends the initial events of a streaming list. [k8s] "API concepts" */
export const INITIAL_EVENTS_END_ANNOTATION = 'k8s.io/initial-events-end';

/** Objects per page of a list; client-go asks for as many. */
export const LIST_PAGE_SIZE = 500;

/**
 * Annotation of a pod template. `kubectl rollout restart` sets it to the current time, so that all pods are
 * replaced. [k8s]
 */
export const RESTARTED_AT_ANNOTATION = 'kubectl.kubernetes.io/restartedAt';

/**
 * Path of the EndpointSlices in which the API servers of a cluster enter their addresses. [k8s]
 * kube-apiserver, --endpoint-reconciler-type
 */
export const API_SERVER_ENDPOINTS_PATH =
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes';

/** File that contains the namespace of the pod. [k8s] "Accessing the Kubernetes API from a Pod" */
export const POD_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * Labels that the API server copies from a node to a pod when it binds the pod to the node. [k8s]
 * PodTopologyLabelsAdmission, on by default since 1.35
 */
export const TOPOLOGY_LABEL = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
} as const;

/** Path of the key set below the issuer; kube-apiserver serves it there. [k8s] */
export const JWKS_PATH = '/openid/v1/jwks';
