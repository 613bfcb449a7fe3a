import { COMPOSE_LABEL } from '../../lib/contract/compose.ts';
import type { HostContainer } from '../containers/host-container.ts';

export interface ComposeService {
  readonly project: string;
  readonly service: string;
}

/** Returns the Compose service that the labels of a container name; undefined without one. */
export function composeServiceOf({ labels }: Pick<HostContainer, 'labels'>): ComposeService | undefined {
  const project = labels.get(COMPOSE_LABEL.project);
  const service = labels.get(COMPOSE_LABEL.service);
  return project && service ? { project, service } : undefined;
}

/** End of the names that Compose gives: a number, that of a one-off container, and what version 1 added. */
const AFTER_SERVICE = /^(?:\d{1,9}(?:_[\da-f]{1,64})?|run[-_](?:\d{1,9}|[\da-f]{1,64}))$/;

/**
 * Returns true if Compose gave the container its name: `shop-php-1`, `shop_php_1`, `shop-php-run-1f2e3d`. An
 * image can have the labels of Compose, but it never names its container.
 * [compose] pkg/compose/convergence.go, getDefaultContainerName
 */
export function isNamedByCompose(name: string, { project, service }: ComposeService): boolean {
  return ['-', '_'].some((separator) => {
    const beginning = `${project}${separator}${service}${separator}`;
    return name.startsWith(beginning) && AFTER_SERVICE.test(name.slice(beginning.length));
  });
}
