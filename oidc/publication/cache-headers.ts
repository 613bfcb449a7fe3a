/** Of the two public documents. Short, for a key that is needed at once; STS keeps what it fetched for longer anyway. */
export const PUBLIC_CACHE_CONTROL = 'public, max-age=60';

/** Of what podrole keeps beside them for itself. */
export const NOTES_CACHE_CONTROL = 'no-store';
