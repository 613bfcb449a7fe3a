import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { PUBLICATION_NOTES_PATH } from '../../lib/contract/podrole.ts';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { type KeySetEntry, parseKeySetText } from '../keys/key-set.ts';
import type { PublicationTarget, StoredDocument } from '../targets/target.ts';
import { parseDiscovery } from './next-discovery.ts';
import type { UnservedSince } from './next-key-set.ts';
import { parseNotes } from './notes.ts';

/** A document of a publication, at its path below the root of the site. */
interface Placed<T> {
  readonly path: string;
  /** Undefined where there is none. */
  readonly stored: StoredDocument | undefined;
  /** What is in it. */
  readonly value: T;
}

/** What is published for an issuer. */
export interface Publication {
  readonly discovery: Placed<JsonObject | undefined>;
  /** Where the discovery document says; by default where kube-apiserver would serve it. */
  readonly jwksUri: string;
  readonly jwks: Placed<readonly KeySetEntry[]>;
  readonly notes: Placed<UnservedSince>;
}

/**
 * Reads what is published.
 * @throws PodroleError `ISSUER_CONFLICT`, `INVALID_KEY_SET`, `INVALID_NOTES` for what is not to be overwritten unseen; `TARGET_UNREADABLE`
 */
export async function readPublication(target: PublicationTarget, issuer: string): Promise<Publication> {
  const nameOf = (path: string) => `${target.name} ${path}`;
  const pathBelow = (path: string) => new URL(belowIssuer(issuer, path)).pathname;
  const discoveryPath = pathBelow(DISCOVERY_PATH);
  const discovery = await target.read(discoveryPath);
  const document = discovery && parseDiscovery(discovery.content, issuer, nameOf(discoveryPath));
  const jwksUri = asText(document?.['jwks_uri']) ?? belowIssuer(issuer, JWKS_PATH);
  const jwksPath = new URL(jwksUri).pathname;
  const jwks = await target.read(jwksPath);
  const notesPath = pathBelow(PUBLICATION_NOTES_PATH);
  const notes = await target.read(notesPath);
  return {
    discovery: { path: discoveryPath, stored: discovery, value: document },
    jwksUri,
    jwks: {
      path: jwksPath,
      stored: jwks,
      value: jwks ? parseKeySetText(jwks.content, nameOf(jwksPath)) : [],
    },
    notes: { path: notesPath, stored: notes, value: parseNotes(notes?.content, nameOf(notesPath)) },
  };
}
