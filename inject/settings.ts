import { identitySettings } from '../identity/settings/identity-settings.ts';
import { choice, list, parsed, string, toggle } from '../lib/settings/kinds.ts';
import { namespace } from '../lib/settings/name-settings.ts';
import type { Setting, SettingsOf } from '../lib/settings/settings.ts';
import { policySettings } from '../policy/settings.ts';
import { parseToldPath, TEMPLATE_PATH_RULE, type ToldPath } from './pod-templates/template-path.ts';

const templatePath: Setting<readonly ToldPath[]> = {
  ...parsed<readonly ToldPath[]>({
    value: '<kind=path>',
    help: 'Also patch this kind, whose pod template is at this path: TFJob.kubeflow.org=spec.tfReplicaSpecs.*.template; * means each item; may be repeated',
    default: [],
    expected: TEMPLATE_PATH_RULE,
    parse: (given) => {
      const written = given.split(',').map((item) => item.trim());
      const paths = written.filter(Boolean).map(parseToldPath);
      return paths.length > 0 && paths.every((path) => path !== undefined) ? paths : undefined;
    },
  }),
  many: true,
};

/** Settings of `podrole inject`; kubectl's names if it has the option. */
export const injectSettings = {
  filename: list({
    value: '<file>',
    required: true,
    short: 'f',
    help: 'Manifests: a file, a folder, or - for stdin; may be repeated',
  }),
  recursive: toggle({ default: false, short: 'R', help: 'Also read the subfolders of a folder' }),
  templatePath,
  serviceAccounts: list({
    value: '<file>',
    help: 'Manifest with further ServiceAccounts and Namespaces; may be repeated',
  }),
  cluster: toggle({
    default: false,
    help: 'Ask the cluster for ServiceAccounts, and for Namespaces with rules, that are in no file',
  }),
  kubeconfig: string({
    value: '<file>',
    shownDefault: 'as for kubectl',
    help: 'With --cluster: kubeconfig of the cluster',
  }),
  context: string({
    value: '<name>',
    shownDefault: 'the current one',
    help: 'With --cluster: context of the kubeconfig',
  }),
  kubeApi: string({
    value: '<url>',
    shownDefault: 'the one in the kubeconfig',
    help: 'With --cluster: address of the API server',
  }),
  namespace: namespace({ default: 'default', short: 'n', help: 'Namespace of objects that do not name one' }),
  output: choice({
    values: ['yaml', 'json'],
    default: 'yaml',
    short: 'o',
    help: 'yaml: each document in its own format, JSON included; json: one List',
  }),
  diff: toggle({ default: false, help: 'Print the changes as a unified diff' }),
  exitCode: toggle({ default: false, help: 'With --diff: exit with 1 if there are changes' }),
  inPlace: toggle({ default: false, help: 'Write changed files back and print their names' }),
  strict: toggle({
    default: false,
    help: 'Fail if a ServiceAccount, or a Namespace whose rules matter, is not found',
  }),
  watchContainerCredentialsConfig: string({
    value: '<file>',
    help: 'EKS Pod Identity: JSON file of the ServiceAccounts to serve, as for podrole webhook',
  }),
  ...policySettings,
  ...identitySettings,
} as const;

export type InjectSettings = SettingsOf<typeof injectSettings>;
