import { string } from '../lib/settings/kinds.ts';

/** The cluster that a user's command talks to: kubectl's names and defaults. */
export const clusterSettings = {
  kubeconfig: string({
    value: '<file>',
    shownDefault: 'KUBECONFIG, else ~/.kube/config, else the cluster that this pod runs in',
    help: 'Kubeconfig of the cluster',
  }),
  context: string({ value: '<name>', shownDefault: 'the current one', help: 'Context of the kubeconfig' }),
  kubeApi: string({
    value: '<url>',
    shownDefault: 'the one in the kubeconfig',
    help: 'Address of the API server',
  }),
} as const;

/** The cluster that a server belongs to: most often the one whose pod it runs in. */
export const ownClusterSettings = {
  kubeconfig: string({
    value: '<file>',
    emptyIsUnset: true,
    shownDefault: 'KUBECONFIG, else the cluster that this pod runs in',
    help: 'Kubeconfig of the cluster',
  }),
  kubeApi: string({
    value: '<url>',
    emptyIsUnset: true,
    shownDefault: 'the one in the kubeconfig',
    help: 'Address of the API server',
  }),
} as const;
