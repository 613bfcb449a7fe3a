import type { ListContext } from '../../bind/list/join-bindings.ts';

/** A cluster whose provider has the usual client ID, seen on 1 August 2026 at noon. */
export const LIST_CONTEXT: ListContext = {
  issuer: 'https://oidc.example.com/one',
  audience: 'sts.amazonaws.com',
  annotationPrefix: 'eks.amazonaws.com',
  composeRoleArn: false,
  accountId: '',
  partition: '',
  awsDefaultRegion: '',
  now: new Date('2026-08-01T12:00:00Z'),
  clientIds: ['sts.amazonaws.com'],
};
