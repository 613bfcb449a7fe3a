import { optionalText } from '../lib/settings/settings.ts';

/** Which cluster a command of a person's asks: kubectl's names and defaults. */
export const clusterSettings = {
  kubeconfig: optionalText(
    '<file>',
    'Cluster to ask; default: KUBECONFIG, else ~/.kube/config, else the cluster that this pod runs in',
  ),
  context: optionalText('<name>', 'Context of the kubeconfig; default: its current one'),
  kubeApi: optionalText('<url>', 'Address of the API server, in place of the one in the kubeconfig'),
} as const;
