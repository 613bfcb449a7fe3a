/** Labels that Docker Compose and podman-compose set. [compose] pkg/api/labels.go */
export const COMPOSE_LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
} as const;
