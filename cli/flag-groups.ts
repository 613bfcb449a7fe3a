import type { SettingsTable } from '../lib/settings/settings.ts';

/** Headings of `--help` for flags of one or several commands. Any other flag is under `Options`. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Policies: ['attachPolicyArn', 'policyFile', 'wellKnown', 'permissionsBoundary'],
  'The role': [
    ...['roleName', 'clusterName', 'rolePath', 'attachRoleArn', 'tags', 'ownershipTags', 'sessionDuration'],
    ...['roleOnly', 'overrideExistingServiceaccounts', 'adopt'],
  ],
  'Trust policy and OIDC provider': [
    ...[
      'updateTrust',
      'subjectPattern',
      'condition',
      'widenTrust',
      'alsoIssuer',
      'dropIssuer',
      'withProvider',
    ],
    ...['thumbprint', 'trustPolicyLimit'],
  ],
  'AWS account and cluster': ['accountId', 'partition', 'issuer', 'kubeconfig', 'context', 'kubeApi'],
  Output: ['output', 'approve', 'exitCode', 'diff', 'inPlace', 'printSchema', 'logLevel', 'logtostderr', 'v'],
  Token: [
    ...['tokenAudience', 'tokenMountPath', 'tokenExpiration', 'annotationPrefix', 'composeRoleArn'],
    ...['awsDefaultRegion', 'stsRegionalEndpoint'],
  ],
  'Other servers than those of AWS': ['stsEndpointUrl', 's3EndpointUrl', 'caBundleConfigMap'],
  'Container credentials of EKS Pod Identity': [
    ...[
      'containerCredentialsAudience',
      'containerCredentialsTokenMountPath',
      'containerCredentialsTokenVolumeName',
    ],
    ...['containerCredentialsTokenPath', 'containerCredentialsFullUri', 'watchContainerCredentialsConfig'],
  ],
  'The sidecar that pods get': [
    ...[
      'sidecarImage',
      'sidecarMode',
      'sidecarPort',
      'sidecarMetricsPort',
      'sidecarHttpsProxy',
      'sidecarNoProxy',
    ],
    ...['sidecarCpuRequest', 'sidecarMemoryRequest', 'sidecarCpuLimit', 'sidecarMemoryLimit'],
  ],
  'Certificate and clients': [
    ...['tlsCert', 'tlsKey', 'tlsMinVersion', 'tlsCipherSuites', 'clientCa', 'clientName', 'inCluster'],
    ...['serviceName', 'tlsSecret', 'webhookConfiguration', 'certificateLifetime'],
  ],
  ServiceAccounts: [
    ...['serviceAccounts', 'cluster', 'watchConfigMap', 'liveLookup', 'serviceAccountLookupGracePeriod'],
    ...['resyncPeriod', 'strict'],
  ],
};

const GROUP_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(GROUPS).flatMap(([group, names]) => names.map((name) => [name, group] as const)),
);
/** Fewer flags than this need no headings. */
const FEW = 12;

/** Returns the heading of a flag, with a colon as commander prints it. */
export function groupOf(name: string, table: SettingsTable): string {
  const isLong = Object.keys(table).length > FEW;
  return `${(isLong ? GROUP_OF.get(name) : undefined) ?? 'Options'}:`;
}
