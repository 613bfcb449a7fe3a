import type { Explanations } from '../explanation.ts';

const DENIED = ['is not authorized to perform'];

/** Findings of what a session of the role may do. */
export const permissionExplanations = {
  ROLE_WITHOUT_POLICIES: {
    link: 'permissions',
    title: 'The role has no policies',
    errors: [...DENIED, 'because no identity-based policy allows'],
    happened:
      'The role itself may do nothing. It has only the rights that policies of resources, such as buckets, give it.',
    remedy: 'Give the role policies, for example by `podrole bind --attach-policy-arn`.',
  },
  ROLE_ALLOWS_NOTHING: {
    link: 'permissions',
    title: 'The policies of the role allow nothing',
    errors: [...DENIED, 'because no identity-based policy allows'],
    happened: 'The role has policies, but none of them has an Allow.',
    remedy: 'Give the role a policy that allows what its pods do.',
  },
  ROLE_DENIES_EVERYTHING: {
    link: 'permissions',
    title: 'A policy of the role denies everything',
    errors: [...DENIED, 'with an explicit deny in an identity-based policy'],
    happened: 'A Deny of every action on every resource overrides every Allow.',
    remedy: 'Remove the statement or the policy, for example AWSDenyAll.',
  },
  ROLE_DENIES_CONDITIONALLY: {
    link: 'permissions',
    title: 'A policy of the role denies everything under a condition',
    errors: [...DENIED, 'with an explicit deny in an identity-based policy'],
    happened:
      'A Deny of every action has a condition. IAM writes one, AWSRevokeOlderSessions, if somebody revokes the sessions of a role.',
    remedy: 'Restart the pods if their sessions were revoked, or remove the statement.',
  },
  BOUNDARY_MISSING: {
    link: 'permissions',
    title: 'The permissions boundary does not exist',
    errors: [...DENIED, 'because no permissions boundary allows'],
    happened: 'The policy that bounds the role was deleted, so nothing is allowed.',
    remedy: 'Create the policy again, or give the role another boundary.',
  },
  BOUNDARY_ALLOWS_NOTHING: {
    link: 'permissions',
    title: 'The permissions boundary allows nothing',
    errors: [...DENIED, 'because no permissions boundary allows'],
    happened: 'A session may do what both its policies and the boundary allow. The boundary has no Allow.',
    remedy: 'Let the boundary allow what the pods do.',
  },
  BOUNDARY_WITHOUT_EFFECT: {
    link: 'permissions',
    title: 'The permissions boundary limits nothing',
    errors: [],
    happened: 'The boundary allows every action on every resource.',
    remedy: 'Give the role a boundary that limits it, or remove this one.',
  },
} as const satisfies Explanations;
