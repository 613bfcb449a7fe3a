/**
 * For the two public documents. Short, since a new key may be needed at once; STS keeps a key set longer
 * anyway.
 */
export const PUBLIC_CACHE_CONTROL = 'public, max-age=60';

/** For the notes that podrole keeps beside them. */
export const NOTES_CACHE_CONTROL = 'no-store';
