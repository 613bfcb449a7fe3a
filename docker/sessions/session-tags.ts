import { IAM_TAG_RULES } from '../../lib/contract/iam.ts';
import type { HostContainer } from '../containers/host-container.ts';

/** Labels that Docker Compose sets. Compose specification, "Labels"; docker/compose, `pkg/api/labels.go` */
const COMPOSE_LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
} as const;

/** Digits of an ID that `docker ps` shows. */
const SHORT_ID_LENGTH = 12;

/**
 * Returns the session tags of a container. A value that IAM does not take is left out, and never changed: it
 * could then be equal to that of another container, which a policy trusts.
 */
export function sessionTagsOf({ id, name, image, labels }: HostContainer): Readonly<Record<string, string>> {
  const tags = {
    'podrole-container-name': name,
    'podrole-container-id': id.slice(0, SHORT_ID_LENGTH),
    'podrole-image': image,
    'podrole-compose-project': labels.get(COMPOSE_LABEL.project) ?? '',
    'podrole-compose-service': labels.get(COMPOSE_LABEL.service) ?? '',
  };
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => isTagValue(value)));
}

const { maxValueLength, characters } = IAM_TAG_RULES;

function isTagValue(value: string): boolean {
  return value !== '' && value.length <= maxValueLength && characters.test(value);
}
