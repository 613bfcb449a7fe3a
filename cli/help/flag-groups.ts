import type { SettingsTable } from '../../lib/settings/settings.ts';

/** Headings of `--help`, each with its flags, in the order in which they are printed. */
type Groups = Readonly<Record<string, readonly string[]>>;

/** Heading of flags that have no other. It comes first. */
const MAIN = 'Options';
/** Heading of the flags that all commands have. It comes last. */
const SHARED = 'Of every command';

/** For every command that has no other heading for the flag. */
const GROUPS: Groups = {
  Policies: ['attachPolicyArn', 'policyFile', 'wellKnown', 'permissionsBoundary', 'prune'],
  'The role': [
    ...['roleName', 'clusterName', 'rolePath', 'attachRoleArn', 'tags', 'ownershipTags', 'sessionDuration'],
    ...['roleOnly', 'overrideExistingServiceaccounts', 'adopt'],
  ],
  'Trust policy and OIDC provider': [
    ...['updateTrust', 'subjectPattern', 'condition', 'widenTrust', 'alsoIssuer', 'dropIssuer'],
    ...['withProvider', 'thumbprint', 'trustPolicyLimit'],
  ],
  ServiceAccounts: [
    ...['serviceAccounts', 'cluster', 'watchConfigMap', 'liveLookup', 'serviceAccountLookupGracePeriod'],
    ...['resyncPeriod', 'strict'],
  ],
  'Annotations and tokens': [
    ...['annotationPrefix', 'composeRoleArn', 'tokenAudience', 'tokenMountPath', 'tokenExpiration'],
  ],
  'Region, STS and S3': [
    ...['awsDefaultRegion', 'stsRegionalEndpoint', 'stsEndpointUrl', 's3EndpointUrl', 'caBundleConfigMap'],
  ],
  'The sidecar that pods get': [
    ...[
      'sidecarDefault',
      'sidecarImage',
      'sidecarMode',
      'sidecarImdsv2',
      'sidecarPort',
      'sidecarMetricsPort',
    ],
    ...['sidecarHttpsProxy', 'sidecarNoProxy', 'sidecarCpuRequest', 'sidecarMemoryRequest'],
    ...['sidecarCpuLimit', 'sidecarMemoryLimit'],
  ],
  'EKS Pod Identity': [
    ...['watchContainerCredentialsConfig', 'containerCredentialsFullUri', 'containerCredentialsAudience'],
    ...['containerCredentialsTokenMountPath', 'containerCredentialsTokenVolumeName'],
    ...['containerCredentialsTokenPath'],
  ],
  'Certificate and clients': [
    ...['tlsCert', 'tlsKey', 'inCluster', 'serviceName', 'tlsSecret', 'webhookConfiguration'],
    ...['certificateLifetime', 'tlsMinVersion', 'tlsCipherSuites', 'clientCa', 'clientName'],
  ],
  Verification: ['verify', 'verifyTimeout', 'verifyCa', 'verifyConnectTo'],
  'AWS account and cluster': ['accountId', 'partition', 'issuer', 'kubeconfig', 'context', 'kubeApi'],
  Output: [
    ...['approve', 'diff', 'inPlace', 'details', 'output', 'exitCode', 'printSchema', 'logLevel'],
    ...['logtostderr', 'v'],
  ],
};

const ROLE_RULES: Groups = {
  'Which roles pods may use': [
    ...['rolePolicyFile', 'policy', 'podRoleAnnotation', 'baseRoleArn', 'namespaceRestrictionFormat'],
  ],
};

const TARGET_ROLES: Groups = { 'Target roles': ['clusterName'] };

const MIGRATION: Groups = {
  'Steps, check and probe': ['out', 'force', 'check', 'since', 'probe', 'yes'],
  'Which roles pods may use': [
    ...['rolePolicyFile', 'podRoleAnnotation', 'baseRoleArn', 'namespaceRestrictionFormat', 'proxyRoleArn'],
  ],
};

/** Headings of one command, which come before the others. */
const GROUPS_OF: Readonly<Record<string, Groups>> = {
  webhook: { ...ROLE_RULES, ...TARGET_ROLES },
  inject: { ...ROLE_RULES, ...TARGET_ROLES },
  'migrate kube2iam': MIGRATION,
  'migrate kiam': MIGRATION,
  up: {
    Keys: ['to', 'createBucket', 'tokenLifetime', 'allowPrivateIssuer', 'allowPort', 'x5c'],
    'OIDC provider': ['thumbprint'],
    Webhook: [
      ...['webhook', 'image', 'awsDefaultRegion', 'annotationPrefix', 'forceConflicts', 'wait', 'timeout'],
      ...['podRoleAnnotation', 'baseRoleArn', 'policy'],
    ],
  },
  audit: {
    [MAIN]: ['namespace', 'role', 'serviceAccount', 'unusedAfter', 'staticKeys', 'checkIssuers'],
    'Roles of nodes': ['nodeRole', 'probeMetadata', 'yes', 'image'],
    'Report and CI': ['output', 'failOn', 'report', 'force'],
  },
  'provider ensure': { [MAIN]: ['clientId', 'thumbprint', 'tags', 'prune'] },
  publish: {
    [MAIN]: ['to', 'createBucket', 'dryRun', 'prune'],
    'Source of the keys': ['keyFile', 'jwks'],
    'With --serve': ['serve', 'port', 'host', 'tlsCert', 'tlsKey'],
    'With --watch': [...['watch', 'interval', 'leaderElect', 'leaseNamespace', 'leaseName', 'leaseDuration']],
    'With --serve or --watch': ['metricsPort', 'logLevel'],
  },
  redirect: {
    [MAIN]: ['port', 'print', 'check', 'undo', 'watch', 'hostNetwork'],
    'With --node': ['node', 'agentPort', 'podInterface', 'nodeAddress'],
    'With --docker': ['docker', 'dockerPort', 'containerInterface'],
  },
  token: {
    [MAIN]: ['signingKey', 'issuer', 'subject', 'audience', 'lifetime', 'allowPort', 'logLevel'],
    'File of the token': ['file', 'watch', 'tokenMode', 'tokenGroup'],
  },
  sidecar: {
    [MAIN]: ['roleArn', 'tokenFile', 'region', 'sessionName', 'sessionDuration', 'port'],
    'Instance metadata': ['imdsv2', 'availabilityZone', 'availabilityZoneId', 'instanceId'],
    'Container credentials': ['credentialsPath', 'authorizationToken', 'authorizationTokenFile'],
    'Target role': [
      ...['targetRoleArn', 'sessionTags', 'clusterName', 'namespace', 'serviceAccount', 'podName', 'podUid'],
    ],
    'Health and end': ['metricsPort', 'metricsHost', 'shutdownDelay'],
  },
  agent: {
    [MAIN]: ['nodeName', 'region', 'port', 'blockUnknown', 'serviceAccountRoles', 'annotationPrefix'],
    'Sessions and target roles': ['sessionDuration', 'clusterName'],
    'Instance metadata': ['imdsv2', 'availabilityZone', 'availabilityZoneId'],
    'Node and health': [
      ...['kubeletPodsFolder', 'checkRules', 'events', 'metricsPort', 'metricsHost', 'shutdownDelay'],
    ],
  },
  docker: {
    [MAIN]: ['dockerHost', 'region', 'tokenFile', 'sessionDuration', 'sessionTags', 'port', 'check'],
    'Which role a container gets': ['roleFile', 'allow', 'defaultRole', 'baseRoleArn'],
    'Instance metadata': ['imdsv2', 'blockUnknown', 'availabilityZone', 'availabilityZoneId'],
    'Health and end': ['checkRules', 'metricsPort', 'metricsHost', 'shutdownDelay'],
  },
};

/** Fewer flags than this need no headings. */
const FEW = 12;

export interface GroupedFlags {
  /** With a colon, as commander prints it. */
  readonly heading: string;
  readonly names: readonly string[];
}

/**
 * Returns the flags of a command under their headings, in the order of `--help`.
 * @param command `keys create`
 */
export function groupFlags(command: string, table: SettingsTable): readonly GroupedFlags[] {
  const names = Object.keys(table);
  if (names.length <= FEW) return [{ heading: `${MAIN}:`, names }];
  const own = GROUPS_OF[command] ?? {};
  const isOwn = new Set(Object.values(own).flat());
  const shared = Object.entries(GROUPS).map(
    ([title, all]) => [title, all.filter((name) => !isOwn.has(name))] as const,
  );
  const isPlaced = new Set([...isOwn, ...shared.flatMap(([, all]) => all)]);
  const rest = names.filter((name) => !isPlaced.has(name));
  const { [MAIN]: first = [], ...others } = own;
  return [[MAIN, [...first, ...rest]] as const, ...Object.entries(others), ...shared]
    .map(([title, all]) => ({ heading: `${title}:`, names: all.filter((name) => name in table) }))
    .filter(({ names: some }) => some.length > 0);
}

/** Returns the heading of `--help` and `--no-color`. */
export function sharedHeading(table: SettingsTable): string {
  return `${Object.keys(table).length <= FEW ? MAIN : SHARED}:`;
}

/** Every name above by its command, or by none: a test looks for the command that has it. */
export const groupedNames: readonly (readonly [command: string | undefined, name: string])[] = [
  ...Object.values(GROUPS).flatMap((names) => names.map((name) => [undefined, name] as const)),
  ...Object.entries(GROUPS_OF).flatMap(([command, groups]) =>
    Object.values(groups).flatMap((names) => names.map((name) => [command, name] as const)),
  ),
];
