import { type HostilePod, MOUNT_PATH, podOf, range, tokenVolume } from './hostile-pods.ts';

/** Pods that ask for as many warnings as possible. */
export const HOSTILE_ODDITIES: readonly HostilePod[] = [
  {
    name: 'containers with a different fault each',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/sidecar': 'credentials' },
        spec: {
          // A review of many small values is refused.
          containers: range(Math.ceil(size / 5), (i) => ({
            name: `c${i}`,
            env: [
              { name: 'AWS_ROLE_ARN', value: `role-${i}` },
              { name: 'AWS_PROFILE', value: `profile-${i}` },
              { name: 'AWS_ACCESS_KEY_ID', value: `key-${i}` },
            ],
            ports: [{ containerPort: 9911 }, { containerPort: 9912 }],
            volumeMounts: [{ name: `v${i}`, mountPath: `${MOUNT_PATH}/token/${i}` }],
          })),
        },
      }),
  },
  {
    name: 'mounts of one container around the token, each of another volume that projects one',
    pod: (size) =>
      podOf({
        spec: {
          containers: [
            {
              name: 'app',
              volumeMounts: range(Math.ceil(size / 4), (i) =>
                i % 2
                  ? { name: `aws-iam-token-c${i}`, mountPath: `${MOUNT_PATH}/token/${i}` }
                  : { name: 'aws-iam-token', mountPath: `/${i}`, readOnly: true },
              ),
              env: range(Math.ceil(size / 4), () => ({
                name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
                value: '/x/token',
              })),
            },
          ],
          volumes: [...range(Math.ceil(size / 4), tokenVolume), { ...tokenVolume(0), name: 'aws-iam-token' }],
        },
      }),
  },
  {
    name: 'a mountPath of steps up and down',
    pod: (size) =>
      podOf({
        spec: {
          containers: [
            { name: 'app', volumeMounts: [{ name: 'v', mountPath: `${'/a/..'.repeat(size)}${MOUNT_PATH}` }] },
          ],
        },
      }),
  },
  {
    name: 'names in skip-containers and container-roles that are nearly those of containers',
    pod: (size) =>
      podOf({
        annotations: { 'eks.amazonaws.com/skip-containers': range(size, (i) => `container${i}-x`).join(',') },
        spec: { containers: range(size, (i) => ({ name: `container${i}` })) },
      }),
    account: () => ({
      'podrole.dev/container-roles': range(
        90,
        (i) => `container${i}-y=arn:aws:iam::111122223333:role/a`,
      ).join(','),
    }),
  },
  {
    name: 'sources of a token volume, and ports of a container',
    pod: (size) =>
      podOf({
        annotations: { 'podrole.dev/sidecar': 'metadata' },
        spec: {
          containers: [{ name: 'app', ports: range(size, (i) => ({ containerPort: i })) }],
          volumes: [
            {
              name: 'aws-iam-token',
              projected: { sources: range(size, (i) => ({ serviceAccountToken: { path: `p${i}` } })) },
            },
          ],
        },
      }),
  },
];
