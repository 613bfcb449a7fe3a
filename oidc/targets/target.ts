/** A document as a target holds it. */
export interface StoredDocument {
  readonly content: string;
  /** Opaque; what `replace` compares with, so that nobody's change is overwritten unseen. */
  readonly revision: string;
}

export interface DocumentToStore {
  readonly content: string;
  readonly contentType: string;
  /** For the header `Cache-Control`, where the target serves one. */
  readonly cacheControl: string;
}

/** Where an issuer's documents are published. Paths are those of URLs below the site's root, such as `/clusters/one/openid/v1/jwks`. */
export interface PublicationTarget {
  /** How messages name it: `folder /srv/site`, `s3://bucket/prefix`. */
  readonly name: string;
  /**
   * @returns undefined where it is certain that there is none
   * @throws PodroleError `TARGET_UNREADABLE`
   */
  read(path: string): Promise<StoredDocument | undefined>;
  /**
   * Stores a document whole or not at all: a reader sees the old one or the new one.
   * @param revision of the document as it was read; undefined where there was none
   * @throws PodroleError `TARGET_CHANGED` where it is another one by now, `TARGET_UNWRITABLE`
   */
  replace(path: string, document: DocumentToStore, revision: string | undefined): Promise<void>;
  /**
   * Removes a document; one that is not there is fine.
   * @throws PodroleError `TARGET_UNWRITABLE`
   */
  remove(path: string): Promise<void>;
}
