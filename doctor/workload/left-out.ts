import { parseContainerList, parseSkipContainers } from '../../identity/annotations/container-lists.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { INJECTED_CONTAINER, PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { PodFacts } from '../facts/pod-facts.ts';

/** Returns a check for the containers that the annotations of a pod leave without a role. */
export function isLeftOutOf(
  { annotations }: Pick<PodFacts, 'annotations'>,
  annotationPrefix: string,
): (container: string) => boolean {
  const skipped = new Set(
    parseSkipContainers(annotations[annotationKey(annotationPrefix, 'skipContainers')] ?? '').names,
  );
  const list = annotations[PODROLE_ANNOTATION.includeContainers];
  const included = list === undefined ? undefined : new Set(parseContainerList(list));
  return (container) => skipped.has(container) || included?.has(container) === false;
}

/** Returns true for a container that podrole adds to pods. */
export function isInjected(container: string): boolean {
  return Object.values(INJECTED_CONTAINER).some((name) => name === container);
}
