import type { Explanations } from '../explanation.ts';

/** Findings about the pod, and about the credentials that its containers use. */
export const podExplanations = {
  POD_OLDER_THAN_ANNOTATION: {
    link: 'pod',
    title: 'The pod is older than the annotation',
    errors: ['Unable to locate credentials', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'],
    happened:
      'The webhook changes pods only when they are created. This one was created before the annotation was written or changed.',
    remedy: 'Create the pod again.',
  },
  POD_MISSED_WEBHOOK: {
    link: 'pod',
    title: 'The webhook did not change the pod when it was created',
    errors: ['Unable to locate credentials', 'Could not load credentials from any providers'],
    happened:
      'The ServiceAccount had its annotation already, and a new pod gets the role now. The API server did not reach the webhook when this pod was created.',
    remedy: 'Create the pod again. Run two replicas of the webhook, so that it is always there.',
  },
  CONTAINERS_SKIPPED: {
    link: 'pod',
    title: 'The annotations of the pod leave its containers without a role',
    errors: ['Unable to locate credentials'],
    happened:
      '`skip-containers` names every container that could have the role, or `include-containers` none.',
    remedy: 'Remove the container from the list in the template of the pod.',
  },
  CONTAINER_WITHOUT_ROLE: {
    link: 'pod',
    title: 'A container of the pod has no role',
    errors: ['Unable to locate credentials'],
    happened:
      'Other containers of the pod have the role. This one was added by a later webhook, or has variables that keep the webhook from it.',
    remedy: 'Create the pod again, or list the container in `skip-containers`.',
  },
  CONTAINER_NOT_FOUND: {
    link: 'pod',
    title: 'The annotation names a container that the pod does not have',
    errors: [],
    happened: 'The annotation `podrole.dev/container-roles` names a container that the pod does not have.',
    remedy: 'Correct the name in the annotation.',
  },
  ROLE_VARIABLE_ALONE: {
    link: 'pod',
    title: 'Only one of the two variables of web identity is set',
    errors: ['The web identity token file must be specified', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
    happened:
      'The container sets `AWS_ROLE_ARN` or `AWS_WEB_IDENTITY_TOKEN_FILE` itself. The webhook adds both or neither.',
    remedy: 'Remove the variable from the template of the pod.',
  },
  ROLE_DIFFERS: {
    link: 'pod',
    title: 'The container has another role than its ServiceAccount',
    errors: ['Not authorized to perform sts:AssumeRoleWithWebIdentity', 'AccessDenied'],
    happened: 'The container sets `AWS_ROLE_ARN` itself, and the webhook leaves it as it is.',
    remedy: 'Remove the variable from the template of the pod, or correct the annotation.',
  },
  AUDIENCE_DIFFERS: {
    link: 'pod',
    title: 'The token of the pod has another audience than the annotation asks for',
    errors: ['Incorrect token audience', 'InvalidIdentityToken'],
    happened:
      'The pod has a volume of its own with the name of the token volume, or the audience was changed after the pod was created.',
    remedy: 'Create the pod again. If it has a volume of its own, correct its audience.',
  },
  TOKEN_NOT_MOUNTED: {
    link: 'pod',
    title: 'No token is mounted where the variable says',
    errors: [
      'open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: no such file or directory',
      'WebIdentityErr: failed fetching WebIdentity token',
      'FileNotFoundError',
    ],
    happened:
      '`AWS_WEB_IDENTITY_TOKEN_FILE` names a file that no projected token has in this container: a mount is missing, or was moved.',
    remedy: 'Correct the mount or the variable in the template of the pod.',
  },
  TOKEN_UNREADABLE: {
    link: 'pod',
    title: 'The user of the container may not read the token',
    errors: [
      'open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied',
      'PermissionError: [Errno 13] Permission denied',
      'EACCES: permission denied',
    ],
    happened:
      'The token belongs to root, its mode does not let others read it, and the container runs as another user. kubelet gives the token to the group of `fsGroup`, or to the user that all containers share.',
    remedy: 'Set `fsGroup` in the securityContext of the pod.',
  },
  VOLUME_NOT_MOUNTED: {
    link: 'pod',
    title: 'kubelet cannot mount a volume of the pod',
    errors: ['MountVolume.SetUp failed for volume "aws-iam-token"', 'FailedMount'],
    happened:
      'The pod waits for a volume: kubelet got no token for it, or a Secret or ConfigMap does not exist.',
    remedy: 'Do what the events of the pod say.',
  },
  POD_PENDING: {
    link: 'pod',
    title: 'The pod does not run yet',
    errors: ['FailedScheduling', 'ImagePullBackOff'],
    happened: 'The pod has its role, and waits for something else: a node, an image, an init container.',
    remedy: 'Do what its events say.',
  },
  STATIC_KEYS: {
    link: 'source',
    title: 'Static keys in the container win over the role',
    errors: [
      'InvalidClientTokenId: The security token included in the request is invalid',
      'SignatureDoesNotMatch',
      'AuthFailure: AWS was not able to validate the provided access credentials',
    ],
    happened: '`AWS_ACCESS_KEY_ID` is set. Every SDK looks at static keys first and never asks for the role.',
    remedy: 'Remove the keys from the template of the pod, and from IAM.',
  },
  PROFILE_SET: {
    link: 'source',
    title: 'A profile may win over the role',
    errors: ['The config profile could not be found', 'failed to get shared config profile'],
    happened:
      'The container names a profile or has a credentials file. Many SDKs use the keys of the profile, or fail if the profile does not exist.',
    remedy: 'Remove the variable or the mount, unless the profile itself uses web identity.',
  },
  SIDECAR_NO_REGION: {
    link: 'source',
    title: 'The sidecar does not know its region',
    errors: ['--region: is not set', 'connect: connection refused 127.0.0.1:9911'],
    happened:
      'The sidecar selects the STS endpoint by region. Neither the webhook nor the containers set one, and the pod has no label with the region of its node.',
    remedy: 'Set AWS_REGION in the containers, or a default region for the webhook.',
  },
  SIDECAR_NOT_READY: {
    link: 'source',
    title: 'The sidecar is not ready',
    errors: ['connect: connection refused 127.0.0.1:9911', 'Error retrieving metadata'],
    happened:
      'The sidecar fetches the first session before it is ready. It has failed to do so, or does not start.',
    remedy: 'Read its log: its last error has a code. The later links of the chain may show the cause.',
  },
  AGENT_DOWN: {
    link: 'source',
    title: 'The agent of the node is not ready',
    errors: [
      'Error retrieving credentials from container metadata endpoint',
      'dial tcp 169.254.170.23:80: connect: connection refused',
      'failed to load credentials, exceeded maximum number of attempts',
    ],
    happened:
      'The containers ask an agent on their node for credentials: podrole agent, that of EKS Pod Identity, kube2iam or kiam. Its pod on this node is not ready, or there is none.',
    remedy:
      'Find out why the DaemonSet of the agent has no ready pod on the node. If there is no DaemonSet, install the agent, or choose another value of podrole.dev/sidecar.',
  },
  AGENT_REFUSED: {
    link: 'source',
    title: 'STS refused the role to podrole agent',
    errors: ['RoleRefused'],
    happened:
      'podrole agent asked STS for a session of the role of the pod, and an Event of the pod says why STS refused. Events stay for an hour, so the cause may be gone.',
    remedy: 'Follow the code in the message of the Event. The later links judge the role as it is now.',
  },
} as const satisfies Explanations;
