import { IAM_TAG_RULES } from '../../lib/contract/iam.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { shortId } from '../containers/short-id.ts';
import { composeServiceOf, isNamedByCompose } from '../roles/compose-service.ts';

/**
 * Returns the session tags of a container. A value that IAM does not take is left out, and never changed: it
 * could then be equal to that of another container, which a policy trusts. For the same reason, the labels of
 * Compose count only if the name of the container is of that service too: an image can have these labels.
 */
export function sessionTagsOf(container: HostContainer): Readonly<Record<string, string>> {
  const { id, name, image } = container;
  const labelled = composeServiceOf(container);
  const service = labelled && isNamedByCompose(name, labelled) ? labelled : undefined;
  const tags = {
    'podrole-container-name': name,
    'podrole-container-id': shortId({ id }),
    'podrole-image': image,
    'podrole-compose-project': service?.project ?? '',
    'podrole-compose-service': service?.service ?? '',
  };
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => isTagValue(value)));
}

const { maxValueLength, characters } = IAM_TAG_RULES;

function isTagValue(value: string): boolean {
  return value !== '' && value.length <= maxValueLength && characters.test(value);
}
