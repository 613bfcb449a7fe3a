import type { Explanations } from '../explanation.ts';
import { podExplanations } from './pod-explanations.ts';
import { ruleExplanations } from './rule-explanations.ts';

const NO_CREDENTIALS = [
  'Unable to locate credentials',
  'NoCredentialProviders: no valid providers in chain',
  'Could not load credentials from any providers',
  'Unable to load credentials from any of the providers in the chain',
  'failed to refresh cached credentials, no EC2 IMDS role found',
  'operation error ec2imds: GetMetadata',
] as const;

/** Findings about the ServiceAccount and the webhook. */
const admission = {
  SERVICE_ACCOUNT_GONE: {
    link: 'annotation',
    title: 'The ServiceAccount of the pod does not exist',
    errors: ['error looking up service account', 'serviceaccount not found'],
    happened:
      'The ServiceAccount was deleted after the pod was created. kubelet can no longer renew the token, and no new pod is accepted.',
    remedy: 'Create the ServiceAccount again, with its annotation.',
  },
  NO_ANNOTATION: {
    link: 'annotation',
    title: 'The ServiceAccount names no role',
    errors: [...NO_CREDENTIALS],
    happened:
      'The ServiceAccount has no annotation with a role, and no ConfigMap of the webhook names one. The pod may also use another ServiceAccount than its author thinks: `default`, for example.',
    remedy: 'Bind a role to the ServiceAccount, then create the pod again.',
  },
  MISSPELT_ANNOTATION: {
    link: 'annotation',
    title: 'The annotation is misspelt, or has the prefix of another webhook',
    errors: ['eks.amazon.com/role-arn', 'eks.amazonaws.com/rolearn', ...NO_CREDENTIALS],
    happened: 'The key of the annotation is almost the right one. Webhooks ignore it silently.',
    remedy: 'Write the annotation with the right key, then create the pod again.',
  },
  ANNOTATION_ON_POD: {
    link: 'annotation',
    title: 'The role is on the pod, not on its ServiceAccount',
    errors: [...NO_CREDENTIALS],
    happened: 'The webhook reads the role from the ServiceAccount. On a pod the annotation has no effect.',
    remedy: 'Write the annotation on the ServiceAccount, then create the pod again.',
  },
  MALFORMED_ROLE_ARN: {
    link: 'annotation',
    title: 'The annotation is not the ARN of a role',
    errors: [
      'Request ARN is invalid',
      'ValidationError when calling the AssumeRoleWithWebIdentity operation',
    ],
    happened:
      'The value has white space, quotes or the ARN of something else, such as an instance profile or a session. podrole injects nothing then; the AWS webhook injects it as it is, and STS refuses it.',
    remedy: 'Write the ARN of the role: `arn:aws:iam::ACCOUNT:role/NAME`.',
  },
  MALFORMED_CONTAINER_ROLES: {
    link: 'annotation',
    title: 'The annotation with container roles is malformed',
    errors: [...NO_CREDENTIALS],
    happened:
      'An entry of `podrole.dev/container-roles` is not CONTAINER=ROLE, or its role is not an ARN. The container gets no role, least of all that of the whole pod.',
    remedy: 'Write CONTAINER=ROLE,CONTAINER=ROLE.',
  },
  UNUSUAL_ROLE_ARN: {
    link: 'annotation',
    title: 'The ARN of the role is unusual',
    errors: ['Request ARN is invalid'],
    happened: 'The value has the form of a role ARN, but its account or its partition does not exist in AWS.',
    remedy: 'Correct it, unless your STS expects it.',
  },
  KUBE2IAM_ANNOTATION: {
    link: 'annotation',
    title: 'The annotation is for kube2iam or kiam, and neither is installed',
    errors: [...NO_CREDENTIALS],
    happened:
      'The annotation `iam.amazonaws.com/role` is read by kube2iam and kiam only, and only on pods. No DaemonSet of them was found.',
    remedy: 'Bind the role to the ServiceAccount, then create the pod again.',
  },
  KUBE2IAM_ROLE: {
    link: 'annotation',
    title: 'The pod gets its role from kube2iam or kiam',
    errors: [],
    happened:
      'The ServiceAccount names no role, and a DaemonSet of kube2iam or kiam serves the annotation of the pod. Every pod of the node can ask it for roles.',
    remedy: 'Bind the role to the ServiceAccount to move the pod to web identity.',
  },
  NO_WEBHOOK: {
    link: 'webhook',
    title: 'No webhook gives pods their roles',
    errors: [...NO_CREDENTIALS],
    happened:
      'The cluster has no MutatingWebhookConfiguration of podrole or of AWS that reads this annotation.',
    remedy: 'Install the webhook, then create the pod again.',
  },
  WEBHOOK_NOT_FOR_PODS: {
    link: 'webhook',
    title: 'The webhook is not asked about new pods',
    errors: [...NO_CREDENTIALS],
    happened: 'No rule of the webhook configuration matches the creation of pods.',
    remedy: 'Install the webhook configuration again.',
  },
  WEBHOOK_EXCLUDES_NAMESPACE: {
    link: 'webhook',
    title: 'The namespace is excluded from the webhook',
    errors: [...NO_CREDENTIALS],
    happened:
      'The namespaceSelector of the webhook configuration does not select the labels of the namespace.',
    remedy: 'Change the label of the namespace that the finding names, or the selector.',
  },
  WEBHOOK_EXCLUDES_POD: {
    link: 'webhook',
    title: 'The pod is excluded from the webhook',
    errors: [...NO_CREDENTIALS],
    happened:
      'The objectSelector of the webhook configuration does not select the labels of the pod. Most often the pod has the label `eks.amazonaws.com/skip-pod-identity-webhook`.',
    remedy: 'Change the label in the template of the pod, then create the pod again.',
  },
  WEBHOOK_CA_INVALID: {
    link: 'webhook',
    title: 'The CA bundle of the webhook has expired, or is missing',
    errors: [
      'failed calling webhook "pods.podrole.dev": x509: certificate signed by unknown authority',
      'failed calling webhook: x509: certificate has expired or is not yet valid',
      'failed calling webhook "pod-identity-webhook.amazonaws.com"',
    ],
    happened:
      'No certificate of the `caBundle` is valid now, so the API server does not trust the webhook. With the failurePolicy Ignore, pods pass without a role.',
    remedy: 'Let the webhook renew its CA: restart it. With cert-manager, renew the certificate.',
  },
  WEBHOOK_NO_ENDPOINT: {
    link: 'webhook',
    title: 'The webhook does not run',
    errors: [
      'failed calling webhook "pods.podrole.dev": no endpoints available for service "podrole-webhook"',
      'failed calling webhook: connection refused',
      'failed calling webhook: context deadline exceeded',
    ],
    happened:
      'The Service of the webhook has no ready endpoint. With the failurePolicy Ignore, pods pass without a role.',
    remedy: 'Find out why the pods of the webhook are not ready, then create the pod again.',
  },
  WEBHOOK_NOT_REACHED: {
    link: 'webhook',
    title: 'The webhook is installed, but a new pod gets no role',
    errors: [...NO_CREDENTIALS],
    happened:
      'A pod that was only validated came back without a role. Either the API server does not reach the webhook (firewall, network policy, proxy), or the webhook reads another annotation or does not know the ServiceAccount.',
    remedy: 'Read the log of the webhook and that of the API server.',
  },
  WEBHOOK_GAVE_NO_ROLE: {
    link: 'webhook',
    title: 'The webhook answers with a warning instead of a role',
    errors: [],
    happened: 'A pod that was only validated came back without a role, and with a warning that says why.',
    remedy: 'Do what the warning says.',
  },
  DRY_RUN_REFUSED: {
    link: 'webhook',
    title: 'The API server refuses a pod of this ServiceAccount',
    errors: ['is forbidden: exceeded quota', 'violates PodSecurity', 'admission webhook denied the request'],
    happened:
      'A small pod that was only validated was refused by a quota, a policy or another webhook. What the webhook would add is unknown.',
    remedy: 'Do what the refusal says, if new pods are refused too.',
  },
  TWO_WEBHOOKS: {
    link: 'webhook',
    title: 'Two webhooks give pods their roles',
    errors: [],
    happened: 'The AWS webhook and podrole read the same annotations and change the same pods.',
    remedy: 'Remove one of them, or give podrole another annotation prefix.',
  },
} as const satisfies Explanations;

/** Findings about the token. */
const token = {
  TOKEN_ALGORITHM: {
    link: 'token',
    title: 'AWS does not accept the algorithm of the token',
    errors: ['InvalidIdentityToken'],
    happened: 'The API server signs with an algorithm that IAM does not accept. RS256 is the safest choice.',
    remedy: 'Give the API server an RSA key: `--service-account-signing-key-file`.',
  },
  TOKEN_LENGTH: {
    link: 'token',
    title: 'The token is longer than STS accepts',
    errors: [
      'Value at webIdentityToken failed to satisfy constraint: Member must have length less than or equal to 20000',
    ],
    happened: 'STS accepts tokens of 4 to 20,000 characters.',
    remedy: 'Shorten what the signer of the cluster adds to tokens.',
  },
  TOKEN_SEVERAL_AUDIENCES: {
    link: 'token',
    title: 'The token has other audiences than the requested one',
    errors: ['Incorrect token audience'],
    happened:
      'kubelet asks for one audience per token, and this cluster answered with others. STS compares the audience of the token with the client IDs of the OIDC provider.',
    remedy: 'Find out what changes TokenRequests in this cluster.',
  },
  TOKEN_NOT_VERIFIED: {
    link: 'token',
    title: 'The keys of the API server do not verify its own token',
    errors: ["Couldn't retrieve verification key from your identity provider", 'InvalidIdentityToken'],
    happened:
      'Several API servers have different keys, or a key that signs is missing in the key set: `--service-account-key-file` must name every key.',
    remedy: 'Give all API servers the same keys.',
  },
  TOKEN_ISSUER_DIFFERS: {
    link: 'token',
    title: 'The token names another issuer than the API server',
    errors: ['No OpenIDConnect provider found in your account'],
    happened: 'Several API servers have different values of `--service-account-issuer`.',
    remedy: 'Give all API servers the same first `--service-account-issuer`.',
  },
  CLOCK_WRONG: {
    link: 'token',
    title: 'The clock of the API server and that of this machine differ',
    errors: [
      'ExpiredTokenException',
      'Token expired: current date/time must be before the expiration date/time',
    ],
    happened:
      'The times in a token come from the clock of the API server. STS compares them with its own clock, which did not answer here.',
    remedy: 'Correct the clocks of the control plane, for example with NTP.',
  },
  AUDIENCE_OPENS_API_SERVER: {
    link: 'api-audience',
    title: "The API server accepts tokens for AWS's audience",
    errors: [],
    happened:
      '`--api-audiences` of the API server holds the audience of the token. Whoever gets hold of a token for AWS, such as a server that it is sent to, can use it to log in to the cluster.',
    remedy: 'Remove the audience from `--api-audiences`, or give the ServiceAccount another audience.',
  },
} as const satisfies Explanations;

export const clusterExplanations = {
  ...admission,
  ...ruleExplanations,
  ...podExplanations,
  ...token,
} as const satisfies Explanations;
