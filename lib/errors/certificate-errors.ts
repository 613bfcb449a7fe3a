import type { ErrorCatalogue } from './catalogue.ts';

/** Certificates and keys, of the webhook for the most part. */
export const certificateErrors = {
  CA_MISMATCH: {
    happened: 'The CA in the Secret of the webhook did not issue the serving certificate beside it.',
    remedy: 'Nothing: the webhook issues a new pair.',
  },
  CERTIFICATE_REFUSED: {
    happened:
      'The API server refused to let the webhook read or write its Secret or its MutatingWebhookConfiguration.',
    remedy:
      'Grant the verbs that the message names to the ServiceAccount of the webhook: apply the manifests of podrole again.',
  },
  FOREIGN_SECRET: {
    happened: 'The Secret for the serving certificate belongs to a Certificate of cert-manager.',
    remedy: 'Name another Secret by `--tls-secret`, or mount this one and leave out `--in-cluster`.',
  },
  INVALID_CERTIFICATE: {
    happened: 'A file or Secret does not hold a certificate in PEM, or a CA file holds one that is not a CA.',
    remedy:
      'Put PEM certificates there. In a Secret that the webhook keeps itself, nothing: it issues a new pair.',
  },
  INVALID_KEY: {
    happened:
      'A key cannot be read or used: it is encrypted, of another type than the command takes, or there are several keys where one is expected.',
    remedy:
      'For TLS, give an unencrypted private key in PEM. For tokens, give RSA, P-256, P-384 or P-521 keys that are meant for signatures; a published key must be public.',
  },
  KEY_MISMATCH: {
    happened: 'The private key does not belong to the serving certificate.',
    remedy: 'Put a certificate and its own key there, both as PEM.',
  },
  SECRET_MISSING: {
    happened: 'The Secret for the serving certificate does not exist, and the webhook may not create it.',
    remedy:
      'Apply the manifests of podrole again, or run `kubectl create secret generic NAME`; the webhook fills it.',
  },
} as const satisfies ErrorCatalogue;
