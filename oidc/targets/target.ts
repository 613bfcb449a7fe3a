/** A document as a target holds it. */
export interface StoredDocument {
  readonly content: string;
  /** Opaque. `replace` compares it, so that no change of somebody else is overwritten. */
  readonly revision: string;
}

export interface DocumentToStore {
  readonly content: string;
  readonly contentType: string;
  /** Value of the header `Cache-Control`, for targets that can serve it. */
  readonly cacheControl: string;
}

/**
 * Place at which an issuer's documents are published. Paths are URL paths on the site, such as
 * `/clusters/one/openid/v1/jwks`.
 */
export interface PublicationTarget {
  /** Name in messages: `folder /srv/site`, `s3://bucket/prefix`. */
  readonly name: string;
  /**
   * @returns undefined only if the document certainly does not exist
   * @throws PodroleError `TARGET_UNREADABLE`
   */
  read(path: string): Promise<StoredDocument | undefined>;
  /**
   * Stores a document completely or not at all: readers see either the old or the new one.
   * @param revision of the document that was read; undefined if there was none
   * @throws PodroleError `TARGET_CHANGED` if it has changed since, `TARGET_UNWRITABLE`
   */
  replace(path: string, document: DocumentToStore, revision: string | undefined): Promise<void>;
  /**
   * Removes a document, if it exists.
   * @throws PodroleError `TARGET_UNWRITABLE`
   */
  remove(path: string): Promise<void>;
}
