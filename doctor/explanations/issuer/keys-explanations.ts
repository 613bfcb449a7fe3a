import { NO_KEY, UNREAD } from '../aws/sts-texts.ts';
import type { Explanations } from '../explanation.ts';
import { fetchExplanations } from './fetch-explanations.ts';

export const keysExplanations = {
  ...fetchExplanations('KEYS', 'keys', 'key set'),
  KEYS_NOT_A_KEY_SET: {
    link: 'keys',
    title: 'The key set has no keys',
    errors: [...UNREAD],
    happened:
      'The JSON at `jwks_uri` has no list of keys, or an empty one. Sometimes a single key is published without the list around it.',
    remedy: 'Publish what `kubectl get --raw /openid/v1/jwks` shows: `podrole publish` writes it.',
  },
  KEYS_TOO_MANY: {
    link: 'keys',
    title: 'The key set has too many keys',
    errors: [...UNREAD],
    happened: 'IAM reads at most 100 RSA and 100 EC keys of an issuer.',
    remedy: 'Remove keys whose tokens have all expired: `podrole publish --prune`.',
  },
  KEY_PRIVATE: {
    link: 'keys',
    title: 'The private key of the tokens is published',
    errors: [...UNREAD],
    happened:
      'The key set has private members, such as `d`. Anyone who has read them can sign tokens for every ServiceAccount, and take the role of each.',
    remedy:
      'Take the key set off the site at once. Then create a new key with `podrole keys create`, replace the old one with `podrole keys rotate`, and look at CloudTrail for sessions that nobody knows.',
  },
  KEY_NOT_PUBLISHED: {
    link: 'keys',
    title: 'The key that signs the tokens is not published',
    errors: [...UNREAD],
    happened:
      'The header of a token names its key, the `kid`, and the key set lacks it. An API server was started with a new key before the key was published, or only some keys were published.',
    remedy:
      'Publish all keys of the API servers with `podrole publish`, and let `podrole publish --watch` follow them. STS may use the old key set for up to an hour.',
  },
  KEY_ROTATED_AWAY: {
    link: 'keys',
    title: 'The published keys are not those of this cluster',
    errors: [...UNREAD],
    happened:
      'None of the published keys is one of this API server. Its keys were removed in a rotation while it still signs with them, the API servers got new keys, or the key set of another cluster is published.',
    remedy:
      'Publish the keys of the API server with `podrole publish`. Rotate with `podrole keys rotate`, which keeps a key until its last token has expired.',
  },
  KEY_DUPLICATE_ID: {
    link: 'keys',
    title: 'Two published keys have the same kid',
    errors: [...UNREAD],
    happened:
      'STS finds a key by its `kid`. If two keys have the same `kid`, it does not know which of them verifies the token, and refuses it.',
    remedy:
      'Publish each key once, with a kid of its own: `podrole publish` does so with the keys of the API server.',
  },
  KEY_WITHOUT_ID: {
    link: 'keys',
    title: 'A published key has no kid',
    errors: [NO_KEY],
    happened:
      'STS finds a key by its `kid`. It never finds a key without one, so tokens of that key are refused.',
    remedy: 'Publish the kid that the API server gives, which `kubectl get --raw /openid/v1/jwks` shows.',
  },
  KEY_UNUSABLE: {
    link: 'keys',
    title: 'The published key cannot verify tokens',
    errors: [...UNREAD],
    happened:
      'The key has another use or algorithm than signing service account tokens, is too weak, or is malformed.',
    remedy:
      'Publish the key as the API server shows it, with use `sig` and its own algorithm: `podrole publish` does so.',
  },
  KEY_OTHER_SIGNATURE: {
    link: 'keys',
    title: 'The published key did not sign the token',
    errors: ['Token signature invalid', ...UNREAD],
    happened:
      'A key with the kid of the token is published, but it is another key. Somebody chose the kid by hand, or several clusters use one kid.',
    remedy:
      'Publish the keys of the API server with `podrole publish`. For own keys, leave the kid to Kubernetes: it is a hash of the key.',
  },
} as const satisfies Explanations;
