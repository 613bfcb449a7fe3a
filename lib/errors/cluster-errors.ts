import type { ErrorCatalogue } from './catalogue.ts';

/** Calls to the Kubernetes API server, by the commands, the webhook and the publisher. */
export const clusterErrors = {
  API_REFUSED: {
    happened: 'The API server answered a request with an error, most often 401 or 403.',
    remedy:
      'Use a kubeconfig whose user may do what the message names, or grant it to that user. With `--role-only`, `podrole bind` needs no cluster.',
  },
  API_SILENT: {
    happened: 'The API server accepted a request and then sent nothing for too long.',
    remedy:
      'Nothing if it happens once: the request is sent again. If it recurs, look for a load balancer or firewall that drops idle connections.',
  },
  API_UNREACHABLE: {
    happened: 'No connection to the API server: name, network or certificate.',
    remedy: 'Check that its address answers from here, and that the kubeconfig holds its CA.',
  },
  FORBIDDEN: {
    happened:
      'In a log or on the command line: the API server answered a list or watch with 401 or 403. In an answer of the sidecar, the code has another meaning: see [HTTP answers](#http-answers).',
    remedy:
      'For 403, grant get, list and watch on the resource that the message names. For 401, check the credentials of the kubeconfig, or that the token of the pod is mounted.',
  },
  FIELD_CONFLICT: {
    happened:
      'Another manager, such as a GitOps tool, has set fields of an object that `podrole up` installs.',
    remedy: 'Make the change with that tool. With `--force-conflicts`, `podrole up` takes the fields over.',
  },
  INVALID_KUBECONFIG: {
    happened: 'A kubeconfig cannot be read, or its current context names a cluster that it does not contain.',
    remedy: 'Name a kubeconfig whose current context works with `kubectl`.',
  },
  LEASE_LOST: {
    happened:
      'This replica leads no longer: it could not renew the Lease in time, or another replica holds it.',
    remedy: 'Nothing: the replica that holds the Lease continues the work.',
  },
  LEASE_REFUSED: {
    happened: 'The API server refused to let a replica read or write the Lease by which one of them leads.',
    remedy:
      'Grant get, create and update on leases in the namespace that the message names. The namespace must exist.',
  },
  LIST_INVALID: {
    happened: 'The API server does not know a parameter of a list: older ones have no streaming lists.',
    remedy: 'Nothing: the objects are listed in pages.',
  },
  LIST_TOO_LARGE: {
    happened: 'A page of a list that holds one object is larger than any object of Kubernetes.',
    remedy: 'Check that the address is that of a Kubernetes API server.',
  },
  NO_CLUSTER: {
    happened:
      'Nothing names a cluster: no `--kubeconfig`, no `KUBECONFIG`, no `~/.kube/config` (which the webhook does not read), and this is not a pod.',
    remedy: 'Give `--kubeconfig`. `podrole inject` can do without a cluster: give `--service-accounts`.',
  },
  OTHER_INSTALLATION: {
    happened: 'The cluster has the AWS webhook, another podrole, or one that Helm installed.',
    remedy:
      'Upgrade that installation. Beside the AWS webhook, give `--annotation-prefix podrole.dev`, or see [AWS webhook](aws-webhook.md).',
  },
  ROLLOUT_TIMEOUT: {
    happened: 'The webhook is installed, but not all of its replicas got ready in time.',
    remedy: 'The message has the reason of a pod, for example an image that cannot be pulled.',
  },
  UNSUPPORTED_KUBERNETES: {
    happened: 'The cluster is older than Kubernetes 1.29.',
    remedy: 'Upgrade the cluster.',
  },
  VERSION_GONE: {
    happened: 'The API server no longer has the version from which a watch would resume.',
    remedy: 'Nothing: all objects are listed again.',
  },
  WATCH_REFUSED: {
    happened: 'The API server answered a list or watch with an error that may pass, such as 429 or 500.',
    remedy: 'Nothing if it passes: it is tried again. If it lasts, see what the API server says.',
  },
  WEBHOOK_SETTINGS_MISSING: {
    happened:
      'The Deployment of the webhook reads its settings from a ConfigMap that does not exist, and `podrole up` would replace them by the defaults.',
    remedy: 'Create the ConfigMap again, or delete the Deployment to install with the default settings.',
  },
} as const satisfies ErrorCatalogue;
