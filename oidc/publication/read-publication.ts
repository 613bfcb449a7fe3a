import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { PUBLICATION_NOTES_PATH } from '../../lib/contract/podrole.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { type KeySetEntry, parseKeySetText } from '../keys/key-set.ts';
import type { PublicationTarget, StoredDocument } from '../targets/target.ts';
import type { UnservedSince } from './next-key-set.ts';
import { parseNotes } from './notes.ts';
import { parseDiscovery } from './parse-discovery.ts';

/** A document of a publication, at its path below the root of the site. */
interface Placed<T> {
  readonly path: string;
  /** Undefined if there is none. */
  readonly stored: StoredDocument | undefined;
  /** Its parsed content. */
  readonly value: T;
}

/** The two published documents of an issuer. */
export interface PublishedKeys {
  readonly discovery: Placed<JsonObject | undefined>;
  /** As in the discovery document; by default the URL at which kube-apiserver would serve it. */
  readonly jwksUri: string;
  readonly jwks: Placed<readonly KeySetEntry[]>;
}

/** The two published documents, and the notes that podrole keeps beside them. */
export interface Publication extends PublishedKeys {
  readonly notes: Placed<UnservedSince>;
}

/**
 * Reads the two published documents.
 * @throws PodroleError `TARGET_UNREADABLE`; `ISSUER_CONFLICT`, `INVALID_KEY_SET` for a document that podrole
 * must not overwrite
 */
export async function readPublishedKeys(target: PublicationTarget, issuer: string): Promise<PublishedKeys> {
  const path = pathBelow(issuer, DISCOVERY_PATH);
  const stored = await target.read(path);
  const value = stored && parseDiscovery(stored.content, issuer, `${target.name} ${path}`);
  const jwksUri = asText(value?.['jwks_uri']) ?? belowIssuer(issuer, JWKS_PATH);
  const jwksPath = new URL(jwksUri).pathname;
  const jwks = await target.read(jwksPath);
  return {
    discovery: { path, stored, value },
    jwksUri,
    jwks: {
      path: jwksPath,
      stored: jwks,
      value: jwks ? parseKeySetText(jwks.content, `${target.name} ${jwksPath}`) : [],
    },
  };
}

/**
 * Reads the two published documents and the notes.
 * @throws PodroleError as readPublishedKeys, and `INVALID_NOTES`
 */
export async function readPublication(target: PublicationTarget, issuer: string): Promise<Publication> {
  const published = await readPublishedKeys(target, issuer);
  const path = pathBelow(issuer, PUBLICATION_NOTES_PATH);
  const stored = await target.read(path);
  return {
    ...published,
    notes: { path, stored, value: parseNotes(stored?.content, `${target.name} ${path}`) },
  };
}

function pathBelow(issuer: string, path: string): string {
  return new URL(belowIssuer(issuer, path)).pathname;
}
