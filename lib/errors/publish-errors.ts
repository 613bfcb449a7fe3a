import type { ErrorCatalogue } from './catalogue.ts';

/** Issuer, key set and the place where they are published. */
export const publishErrors = {
  BUCKET_POLICY_EXISTS: {
    happened: 'The bucket has a policy that does not let everybody read the documents of the issuer.',
    remedy: 'Leave out `--create-bucket`, and add the statement from the message to the policy.',
  },
  CHECK_TIMEOUT: {
    happened: 'A check of the publication by `podrole publish --watch` took too long and was ended.',
    remedy: 'See whether the API server and the target answer. The check is tried again.',
  },
  INVALID_ISSUER: {
    happened: 'The issuer is not a URL that IAM accepts: https, without port, query or fragment.',
    remedy: 'Give the API servers a `--service-account-issuer` that IAM accepts, and the same one here.',
  },
  INVALID_KEY_SET: {
    happened: 'A key set (JWKS) is not JSON, or not a key set.',
    remedy: 'See what is there. If it is of no use, remove it and run again.',
  },
  INVALID_NOTES: {
    happened: 'The notes of podrole beside the published key set cannot be read.',
    remedy: 'Remove them. Keys that the source no longer has are then kept for a token lifetime from now on.',
  },
  ISSUER_CONFLICT: {
    happened: 'The place holds the documents of another issuer, or a discovery document that cannot be read.',
    remedy: 'Choose another place. If what is there is of no use, remove it and run again.',
  },
  ISSUER_MISMATCH: {
    happened: 'The API server signs tokens for another issuer than `--issuer`.',
    remedy:
      'Publish for the issuer that the message names, or change the first `--service-account-issuer` of the API servers.',
  },
  ISSUER_NOT_SERVED: {
    happened: 'The URL of the issuer does not serve the keys that sign its tokens, so STS refuses them.',
    remedy:
      'Give `podrole up` the place that the URL serves with `--to`, or let the URL lead to that place. For `podrole token`, publish the public key first.',
  },
  KEY_CONFLICT: {
    happened: 'A published key has the ID of a key of the source, but is another key.',
    remedy: 'Find out who published it. Remove it from the key set if nobody needs it.',
  },
  KEY_STILL_SERVED: {
    happened: 'A key that is to be dropped is still served by the cluster, so its tokens are still accepted.',
    remedy:
      'Remove it from `--service-account-key-file` of every API server first, or name its file with `--key-file`.',
  },
  NO_KEYS: {
    happened: 'The source has no public key.',
    remedy: 'Give the keys that verify the tokens of the cluster.',
  },
  PRIVATE_KEY_PUBLISHED: {
    happened: 'The published key set holds a private key: whoever has read it can sign tokens.',
    remedy: 'Give the API servers another signing key at once, then remove this key from the key set.',
  },
  PARTLY_PUBLISHED: {
    happened: 'The publication ended after some of its documents were written. The message names them.',
    remedy: 'Run the same command again: it does the rest. All live tokens are valid until then.',
  },
  TARGET_CHANGED: {
    happened: 'Another process changed the published documents, or the notes of a rotation, during the run.',
    remedy: 'Run again. Only one publisher may write to a place, and only one person may rotate.',
  },
  TARGET_UNREADABLE: {
    happened: 'A published document could not be read from the bucket or folder.',
    remedy: 'The message names the missing permission, bucket or region.',
  },
  TARGET_UNWRITABLE: {
    happened: 'A document could not be written to the bucket or folder, or the bucket could not be created.',
    remedy: 'The message names the missing permission, bucket or region.',
  },
  TOO_MANY_KEYS: {
    happened: 'The key set has more than 100 keys of one type, and IAM does not read more.',
    remedy: 'Remove keys whose tokens have expired: `podrole publish --prune`.',
  },
  UNUSABLE_ISSUER: {
    happened: 'STS cannot verify tokens of the issuer that the API server has: it is private, or not https.',
    remedy: 'Set the flags that the message names on every API server. See [Set the issuer](issuer.md).',
  },
} as const satisfies ErrorCatalogue;
