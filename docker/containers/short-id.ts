/** Digits of an ID that `docker ps` shows. */
const LENGTH = 12;

/** Returns the ID of a container as `docker ps` shows it. */
export function shortId({ id }: { readonly id: string }): string {
  return id.slice(0, LENGTH);
}
