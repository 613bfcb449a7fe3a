/**
 * Names, paths and limits of Kubernetes.
 *
 * [k8s]      Kubernetes API reference 1.36
 * [webhook]  amazon-eks-pod-identity-webhook, README and main.go, August 2026
 */

/** A nodeSelector of one of these labels with this value makes a Windows pod. [k8s] well-known labels, [webhook] */
export const WINDOWS_NODE = {
  labels: ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  value: 'windows',
} as const;

/** Longest DNS label: names of namespaces, containers, volumes, and of pods that a controller makes. [k8s] RFC 1123 */
export const DNS_LABEL_MAX_LENGTH = 63;

/** Longest DNS subdomain: names of pods and ServiceAccounts. [k8s] RFC 1123 */
export const DNS_SUBDOMAIN_MAX_LENGTH = 253;

/** The API server cuts a generateName to its first 58 characters and appends 5 of its own, after admission. [k8s] */
export const GENERATED_NAME = { maxBaseLength: 58, suffixLength: 5 } as const;

/** Longer admission warnings may be cut by the API server. [k8s] AdmissionResponse.warnings */
export const ADMISSION_WARNING_MAX_LENGTH = 256;

/**
 * Most characters of all warnings of a response. Beyond it the API server cuts each warning to 256 characters and drops the rest.
 * [k8s] apiserver/pkg/endpoints/filters/warning.go, truncateAtTotalRunes
 */
export const ADMISSION_WARNINGS_MAX_TOTAL = 4_096;

/** The one version of AdmissionReview that is understood. [k8s] */
export const ADMISSION_REVIEW = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;

/**
 * Most bytes of an admission review. kube-apiserver takes requests of up to 3 MiB; a review of an update holds the old object
 * and the new one, the rest is room for its envelope. [k8s] kube-apiserver, MaxRequestBodyBytes
 */
export const REVIEW_MAX_BYTES = 7 * 1024 * 1024;

/** Ends the initial events of a streaming list; on a BOOKMARK. [k8s] "API concepts", streaming lists */
export const INITIAL_EVENTS_END_ANNOTATION = 'k8s.io/initial-events-end';

/** Objects in a page of a list, as client-go asks for them. */
export const LIST_PAGE_SIZE = 500;

/** On a pod template: `kubectl rollout restart` sets it to the time, so that all pods are made anew. [k8s] */
export const RESTARTED_AT_ANNOTATION = 'kubectl.kubernetes.io/restartedAt';

/** Where the API servers of a cluster enter their addresses. [k8s] kube-apiserver, --endpoint-reconciler-type */
export const API_SERVER_ENDPOINTS_PATH =
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes';

/** Where a pod finds the namespace that it runs in. [k8s] "Accessing the Kubernetes API from a Pod" */
export const POD_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** Labels that the API server copies from the node when a pod is bound to it. [k8s] PodTopologyLabelsAdmission, on by default since 1.35 */
export const TOPOLOGY_LABEL = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
} as const;

/** Path of the key set below the issuer, as kube-apiserver serves it. [k8s] */
export const JWKS_PATH = '/openid/v1/jwks';
