import { NO_KEY, UNREAD } from '../aws/sts-texts.ts';
import type { Explanations } from '../explanation.ts';
import { fetchExplanations } from './fetch-explanations.ts';

export const discoveryExplanations = {
  ...fetchExplanations('DISCOVERY', 'discovery', 'discovery document'),
  DISCOVERY_WRONG_ISSUER: {
    link: 'discovery',
    title: 'The discovery document names another issuer',
    errors: [...UNREAD],
    happened:
      'The `issuer` of the document must be the `iss` of the tokens, character by character. Often only a slash at its end differs, or the document of another cluster is served.',
    remedy:
      'Publish the document for the issuer of this API server: `podrole publish --issuer`. Or start the API servers with the published issuer.',
  },
  DISCOVERY_JWKS_URI_INVALID: {
    link: 'discovery',
    title: 'The discovery document has no usable jwks_uri',
    errors: [...UNREAD],
    happened: 'The document names no key set, or one that is not an https URL.',
    remedy: 'Publish the document as `podrole publish` writes it, with a `jwks_uri` below the issuer.',
  },
  DISCOVERY_JWKS_URI_PRIVATE: {
    link: 'discovery',
    title: 'The jwks_uri leads to a private address',
    errors: [...UNREAD],
    happened:
      'An API server names its own address as `jwks_uri`, such as `https://10.0.0.1:6443/openid/v1/jwks`. Who copies its discovery document to a public site copies that too, and STS cannot fetch the keys.',
    remedy:
      'Publish both documents with `podrole publish`, which sets `jwks_uri`. Or start the API servers with `--service-account-jwks-uri`.',
  },
  DISCOVERY_JWKS_URI_UNREACHABLE: {
    link: 'discovery',
    title: 'The host of the jwks_uri does not answer',
    errors: [...UNREAD, 'IDPCommunicationError'],
    happened: 'The key set is on another host than the issuer, and that host gives no answer.',
    remedy: 'Publish the key set below the issuer, as `podrole publish` does, or let its host answer.',
  },
  DISCOVERY_FIELDS_MISSING: {
    link: 'discovery',
    title: 'The discovery document lacks a member',
    errors: [NO_KEY],
    happened:
      'OpenID Connect requires lists of response types, subject types and algorithms, and AWS documents that it reads them. STS may accept the document all the same.',
    remedy: 'Publish the document as `podrole publish` writes it.',
  },
} as const satisfies Explanations;
