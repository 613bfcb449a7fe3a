import { messageOf, PodroleError } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { parseJson } from '../../lib/json/parse-json.ts';

/**
 * Parses a published discovery document. It must be this issuer's, with the key set on the issuer's host.
 * @param object name of the document in errors
 * @throws PodroleError `ISSUER_CONFLICT`
 */
export function parseDiscovery(text: string, issuer: string, object: string): JsonObject {
  const document = readObject(text, object);
  const published = document['issuer'];
  if (published !== issuer) {
    throw conflict(
      object,
      `is the document of the issuer ${JSON.stringify(published)}, not of ${issuer}`,
      'give exactly that issuer, or another place with --to',
    );
  }
  const jwksUri = asText(document['jwks_uri']);
  if (!jwksUri || !URL.canParse(jwksUri) || new URL(jwksUri).origin !== new URL(issuer).origin) {
    throw conflict(
      object,
      `names a key set that is not on the issuer's host: ${JSON.stringify(document['jwks_uri'])}`,
      'publish there, or move its keys below the issuer and correct jwks_uri before podrole takes over',
    );
  }
  return document;
}

function readObject(text: string, object: string): JsonObject {
  try {
    const document = asObject(parseJson(text));
    if (document) return document;
    throw new Error('is not a JSON object');
  } catch (thrown) {
    throw conflict(object, messageOf(thrown), 'look at it; if nobody needs it, remove it and run again');
  }
}

function conflict(object: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'ISSUER_CONFLICT', object, problem, remedy });
}
