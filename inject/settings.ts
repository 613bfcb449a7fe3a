import { namespaceSetting } from '../lib/kubernetes-names.ts';
import {
  choice,
  list,
  optionalText,
  requiredList,
  type SettingsOf,
  toggle,
} from '../lib/settings/settings.ts';
import { identitySettings } from '../webhook/settings.ts';

/** Settings of `podrole inject`; kubectl's names where it has the option. */
export const injectSettings = {
  filename: requiredList('<file>', 'Manifests: a file, a folder, or - for stdin; may be repeated', {
    short: 'f',
  }),
  serviceAccounts: list('<file>', 'Also take ServiceAccounts from this manifest; may be repeated'),
  cluster: toggle(false, 'Ask the cluster for ServiceAccounts that no file has'),
  kubeconfig: optionalText('<file>', 'For --cluster; default: as kubectl'),
  context: optionalText('<name>', 'For --cluster: context of the kubeconfig; default: its current one'),
  kubeApi: optionalText(
    '<url>',
    'For --cluster: address of the API server, in place of the one in the kubeconfig',
  ),
  namespace: namespaceSetting('default', 'Namespace of objects that name none', { short: 'n' }),
  output: choice(
    ['yaml', 'json'],
    'yaml',
    'yaml: each document as it is written, JSON included; json: one List',
    {
      short: 'o',
    },
  ),
  diff: toggle(false, 'Print what would change, as a unified diff'),
  exitCode: toggle(false, 'With --diff: exit with 1 where something would change'),
  inPlace: toggle(false, 'Write the changed files back, and print their names'),
  strict: toggle(false, 'Fail where a ServiceAccount is not to be found'),
  watchContainerCredentialsConfig: optionalText(
    '<file>',
    'EKS Pod Identity: JSON file of the ServiceAccounts to serve, as for podrole webhook',
  ),
  ...identitySettings,
} as const;

export type InjectSettings = SettingsOf<typeof injectSettings>;
