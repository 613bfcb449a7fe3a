/** Returns the name of a cluster for people, after the word "cluster": `prod`, or `of this pod`. */
export function contextName(context: string): string {
  return context || 'of this pod';
}

/** Returns the name of a cluster where it stands alone, such as in a table. */
export function clusterName(context: string): string {
  return context || 'cluster of this pod';
}
