import { clusterName } from '../audit/context-name.ts';
import type { AuditModel } from '../audit/model.ts';
import { type Html, html } from './html.ts';

/** Names the places of a report: the cluster only if there are several. */
export interface Places {
  /** Number of a cluster, by which the filters of the page find what belongs to it. */
  readonly numberOf: (cluster: string) => number | undefined;
  /** Attributes of something that the filters of the page can hide. */
  readonly attributes: (cluster: string | undefined, namespace: string | undefined) => Html;
  /** Small line with the name of the cluster; empty if the report is about one cluster. */
  readonly cluster: (cluster: string | undefined) => Html;
}

export function placesOf({ clusters }: AuditModel): Places {
  const numbers = new Map(clusters.map(({ context }, index) => [context, index]));
  return {
    numberOf: (cluster) => numbers.get(cluster),
    attributes: (cluster, namespace) =>
      html` data-c="${cluster === undefined ? '' : numbers.get(cluster)}" data-n="${namespace}"`,
    cluster: (cluster) =>
      numbers.size < 2 || cluster === undefined
        ? html``
        : html`<small class="place">${clusterName(cluster)}</small>`,
  };
}
