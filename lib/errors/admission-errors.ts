import type { ErrorCatalogue } from './catalogue.ts';

/** Failures of the webhook and of `inject`. */
export const admissionErrors = {
  CONFIG_MAP_UNKNOWN: {
    happened:
      'The webhook has not read its identity ConfigMap yet, so it cannot decide an admission request.',
    remedy: 'Try again. If it lasts, the log of the webhook says why the ConfigMap cannot be read.',
  },
  CONTRADICTORY_SERVICE_ACCOUNTS: {
    happened:
      'Files of manifests contain a ServiceAccount twice, with different annotations, so its role is unclear.',
    remedy: 'Remove one of the two places that the message names.',
  },
  INVALID_CONTAINER_CREDENTIALS_CONFIG: {
    happened: 'The container credentials config does not have the form that the webhook reads.',
    remedy:
      'Write `{"identities": [{"namespace": "shop", "serviceAccount": "web"}]}`. The last valid one stays in use.',
  },
  INVALID_IDENTITY_CONFIG_MAP: {
    happened: 'The identity ConfigMap, or an entry of it, is not valid.',
    remedy:
      'Correct what the message names. Until then a single entry is left out; if the whole is not valid, the last valid one stays in use.',
  },
  INVALID_MANIFEST: {
    happened:
      'A manifest is not valid YAML or JSON, or an object in it lacks what podrole reads, or has a part of a type that the API server refuses.',
    remedy: 'Correct the line or the part that the message names.',
  },
  LOOKUP_FAILED: {
    happened:
      'The webhook asked for a ServiceAccount or a Namespace, and got an error, or the Namespace of a pod does not exist.',
    remedy:
      'Grant the verb get on the resource that the message names to the ServiceAccount of the webhook, if that is missing.',
  },
  LOOKUP_REFUSED: {
    happened:
      'So many lookups of ServiceAccounts or Namespaces are in progress that the webhook begins no more.',
    remedy:
      'Find out who sends so many admission requests. With `--client-ca` only the API server can: see [Client certificates](client-certificates.md).',
  },
  NAMESPACE_NOT_FOUND: {
    happened:
      '`podrole inject --strict` found no Namespace for a pod with a role, so it does not know which roles the pod may use. Nothing was written.',
    remedy:
      'Add its manifest to the files or to `--service-accounts`, use `--cluster`, or leave out `--strict`.',
  },
  NOT_EDITABLE: {
    happened: 'The layout of a manifest does not let `podrole inject` change the pod in place.',
    remedy: 'Write the pod in plain block style, or convert the file with `podrole inject -o json`.',
  },
  NO_INSTANCE_IDENTITY: {
    happened: '`--compose-role-arn` asked EC2 instance metadata for the account and region, and got neither.',
    remedy:
      'Give `--account-id`, and `--partition` or `--aws-region`, if this is not an EC2 instance or its metadata is out of reach.',
  },
  SERVICE_ACCOUNT_NOT_FOUND: {
    happened: '`podrole inject --strict` found no ServiceAccount for a pod. Nothing was written.',
    remedy:
      'Add its manifest to the files or to `--service-accounts`, use `--cluster`, or leave out `--strict`.',
  },
} as const satisfies ErrorCatalogue;
