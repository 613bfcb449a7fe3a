import type { ErrorCatalogue } from './catalogue.ts';

/** Pods, their tokens and their sessions, as the agent of a node answers for them. */
export const agentErrors = {
  AGENT_TOKEN_REFUSED: {
    happened:
      'The `Authorization` of a request is not a token that the agent accepts: it has expired, is for another audience or cluster, is of a pod of another node, or comes from the address of another pod.',
    remedy:
      'Send the content of the file of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, and read it again for each request.',
  },
  NO_ROLE: {
    happened:
      'The pod or container that asks is known, but it has no role for this request. It gets a refusal, and never the role of the node or host.',
    remedy:
      'Annotate its ServiceAccount with a role and `podrole.dev/sidecar: agent`, and create the pod again. A container with a role of its own must send its token. Name the role of a container by its label `podrole.dev/role-arn`, by its variable `IAM_ROLE` or in the role file. Whoever needs no role can have `AWS_EC2_METADATA_DISABLED=true`.',
  },
  SESSION_DROPPED: {
    happened: 'The pod or container has ended or has another role now, and its session is dropped.',
    remedy: 'Nothing: one that runs is served when it asks again.',
  },
  TOO_MANY_SESSIONS: {
    happened:
      'The pod, or all pods or containers of the host together, have more roles than podrole keeps sessions for.',
    remedy: 'Give the pod fewer roles, or spread the workloads over more hosts.',
  },
} as const satisfies ErrorCatalogue;
