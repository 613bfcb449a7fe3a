import { listSettings } from '../bind/list/settings.ts';
import { awsSettings } from '../bind/settings.ts';
import { clusterSettings } from '../kubernetes/settings.ts';
import { parseRoleArn } from '../lib/arn.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../lib/contract/kube2iam.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import { choice, list, string, toggle } from '../lib/settings/kinds.ts';
import { namespace } from '../lib/settings/name-settings.ts';
import { resultOutput } from '../lib/settings/output-setting.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { policySettings } from '../policy/settings.ts';
import { checkSettings } from './check/settings.ts';

/** Settings of `podrole migrate kube2iam` and `podrole migrate kiam`. */
export const migrateSettings = {
  namespace: namespace({ short: 'n', shownDefault: 'all namespaces', help: 'Namespace to plan for' }),
  allNamespaces: toggle({
    default: false,
    short: 'A',
    help: 'All namespaces, which is the default; for users of kubectl',
  }),
  filename: list({
    value: '<file>',
    short: 'f',
    help: 'Manifests to read instead of the cluster: a file, a folder, or - for stdin; may be repeated',
  }),
  recursive: toggle({ default: false, short: 'R', help: 'Also read the subfolders of a folder' }),
  output: resultOutput,
  exitCode: toggle({ default: false, help: 'Exit with 1 if pods would lose something' }),
  out: string({
    value: '<folder>',
    help: 'Write the files of the three steps to this new folder: trust, switch, clean up',
  }),
  force: toggle({ default: false, help: 'With --out: replace files that differ' }),
  check: toggle({ default: false, help: 'Show how far the migration has come: who still asks the proxy' }),
  ...checkSettings,
  probe: toggle({
    default: false,
    help: 'Look into one running pod of each workload for the versions of its AWS SDKs; it runs a shell script there',
  }),
  yes: toggle({ default: false, help: 'Run the script of --probe without a question' }),
  iam: toggle({ default: true, help: 'Read the roles of IAM; =false plans without them' }),
  proxyRoleArn: string({
    value: '<arn>',
    shownDefault: 'the role that most of the trust policies name',
    help: 'Role by which the proxy assumes the others',
  }),
  podRoleAnnotation: {
    ...policySettings.podRoleAnnotation,
    shownDefault: `that of the proxy's flags, else ${KUBE2IAM_ROLE_ANNOTATION}`,
  },
  baseRoleArn: {
    ...policySettings.baseRoleArn,
    shownDefault: "that of the proxy's flags, else the account's",
  },
  namespaceRestrictionFormat: choice({
    values: ['auto', 'glob', 'regexp'],
    default: 'auto',
    help: "How iam.amazonaws.com/allowed-roles of a Namespace is written; auto: as the proxy's flags say, else glob",
  }),
  rolePolicyFile: policySettings.rolePolicyFile,
  issuer: listSettings.issuer,
  tokenAudience: string({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the tokens, as for podrole webhook',
  }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn annotation, as for podrole webhook',
  }),
  accountId: awsSettings.accountId,
  partition: awsSettings.partition,
  ...clusterSettings,
} as const;

export type MigrateSettings = SettingsOf<typeof migrateSettings>;

/** @throws PodroleError `INVALID_SETTING`, with every fault of their values and combination */
export function checkMigrateSettings(settings: MigrateSettings): void {
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const { proxyRoleArn } = settings;
  if (proxyRoleArn !== undefined && !parseRoleArn(proxyRoleArn))
    refuse(
      '--proxy-role-arn',
      `is ${JSON.stringify(proxyRoleArn)}, not the ARN of a role`,
      'write arn:aws:iam::ACCOUNT:role/NAME',
    );
  if (settings.allNamespaces && settings.namespace !== undefined)
    refuse('--all-namespaces', 'excludes --namespace', 'give one of the two');
  for (const [flag, isGiven, needed, isThere] of neededBy(settings))
    if (isGiven && !isThere) refuse(flag, `needs ${needed}`, 'leave it out, or give that too');
  for (const [flag, isGiven, excluded, isThere, why] of excludedBy(settings))
    if (isGiven && isThere) refuse(flag, `excludes ${excluded}: ${why}`, 'leave one of the two out');
  throwIfAny(faults);
}

type Needed = readonly [flag: string, isGiven: boolean, needed: string, isThere: boolean];

function neededBy({ force, out, yes, probe, recursive, filename }: MigrateSettings): readonly Needed[] {
  return [
    ['--force', force, '--out', out !== undefined],
    ['--yes', yes, '--probe', probe],
    ['--recursive', recursive, '--filename', filename.length > 0],
  ];
}

function excludedBy({ check, probe, out, filename }: MigrateSettings) {
  const [isOut, isFile] = [out !== undefined, filename.length > 0];
  return [
    ['--check', check, '--filename', isFile, 'it asks the cluster'],
    ['--probe', probe, '--filename', isFile, 'it asks the cluster'],
    ['--out', isOut, '--check', check, 'a check makes no plan'],
    ['--probe', probe, '--check', check, 'a check makes no plan'],
  ] as const;
}
