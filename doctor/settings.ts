import { judgedPolicySettings } from '../bind/list/judged-policy-settings.ts';
import { awsSettings, composeRoleArn } from '../bind/settings.ts';
import { endpointSettings } from '../identity/settings/endpoint-settings.ts';
import { clusterSettings } from '../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import { DEFAULT_NAMESPACE } from '../lib/operands/service-accounts.ts';
import { string, toggle } from '../lib/settings/kinds.ts';
import { namespace } from '../lib/settings/name-settings.ts';
import { resultOutput } from '../lib/settings/output-setting.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { verifySettings } from '../oidc/settings.ts';

/** Settings of `podrole doctor`. */
export const doctorSettings = {
  namespace: namespace({ short: 'n', shownDefault: DEFAULT_NAMESPACE, help: 'Namespace of what is judged' }),
  all: toggle({ default: false, help: 'Judge every ServiceAccount of the namespace that has a role' }),
  allNamespaces: toggle({
    default: false,
    short: 'A',
    help: 'Judge every ServiceAccount of the cluster that has a role',
  }),
  output: resultOutput,
  save: string({
    value: '<folder>',
    help: 'Also write the facts to this new folder, without tokens, keys and secrets',
  }),
  offline: string({
    value: '<folder>',
    help: 'Judge the facts that --save wrote, here or elsewhere, without any connection',
  }),
  stsEndpointUrl: {
    ...endpointSettings.stsEndpointUrl,
    default: undefined,
    shownDefault: 'that of the pod',
    help: 'STS to ask',
  },
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn, audience and token annotations, as for podrole webhook',
  }),
  composeRoleArn,
  ...judgedPolicySettings,
  tokenAudience: string({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the token if no annotation sets it, as for podrole webhook',
  }),
  verifyCa: {
    ...verifySettings.verifyCa,
    help: 'CA certificates of the issuer, PEM, if it has no publicly trusted certificate',
  },
  verifyConnectTo: {
    ...verifySettings.verifyConnectTo,
    help: "Connect to this address instead of the issuer's host",
  },
  ...awsSettings,
  ...clusterSettings,
} as const;

export type DoctorSettings = SettingsOf<typeof doctorSettings>;

/**
 * @param operands names of pods, workloads and ServiceAccounts
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, with every fault of their combination
 */
export function checkDoctorSettings(settings: DoctorSettings, operands: readonly string[]): void {
  const { all, allNamespaces, save, offline, namespace: given } = settings;
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const isAll = all || allNamespaces;
  const many = allNamespaces ? '--all-namespaces' : '--all';
  if (offline !== undefined && save !== undefined)
    refuse(
      '--save',
      'is for facts that are collected now',
      'leave it out with --offline, or copy the folder',
    );
  if (offline !== undefined && (isAll || operands.length > 0))
    refuse('--offline', 'judges all facts in the folder', 'name nothing else');
  if (isAll && operands.length > 0) refuse(many, 'judges every ServiceAccount', 'leave out the names');
  if (allNamespaces && given !== undefined)
    refuse('--all-namespaces', 'excludes --namespace', 'give one of the two');
  if (offline === undefined && !isAll && operands.length === 0) {
    const remedy = 'write podrole doctor -n NAMESPACE pod/NAME, deployment/NAME or sa/NAME, or give --all';
    faults.push({
      code: 'MISSING_SETTING',
      object: 'pod, workload or ServiceAccount',
      problem: 'is not named',
      remedy,
    });
  }
  throwIfAny(faults);
}
