import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';

/**
 * A published discovery document, which must be one of this issuer whose keys are on the same site.
 * @param object how an error names it
 * @throws PodroleError `ISSUER_CONFLICT`
 */
export function parseDiscovery(text: string, issuer: string, object: string): JsonObject {
  const document = readObject(text, object);
  const published = document['issuer'];
  if (published !== issuer) {
    throw conflict(
      object,
      `is the document of the issuer ${JSON.stringify(published)}, not of ${issuer}`,
      'give that issuer, to the letter, or another place with --to',
    );
  }
  const jwksUri = asText(document['jwks_uri']);
  if (!jwksUri || !URL.canParse(jwksUri) || new URL(jwksUri).origin !== new URL(issuer).origin) {
    throw conflict(
      object,
      `names a key set that is not on the issuer's host: ${JSON.stringify(document['jwks_uri'])}`,
      'publish there, or move its keys below the issuer and mend jwks_uri before podrole takes over',
    );
  }
  return document;
}

function readObject(text: string, object: string): JsonObject {
  try {
    const document = asObject(JSON.parse(text));
    if (document) return document;
    throw new Error('is no JSON object');
  } catch (thrown) {
    throw conflict(
      object,
      `can't be read as a discovery document: ${messageOf(thrown)}`,
      'see what it is; where it is of no use, remove it and run again',
    );
  }
}

function conflict(object: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'ISSUER_CONFLICT', object, problem, remedy });
}
