import { asArray, asObject, asText } from '../../../../lib/json/json.ts';
import type { FieldPath, FileReport } from '../../../../lib/yaml/fields.ts';

/** A part of an eksctl file that gives roles which podrole does not take over. */
interface UntakenPart {
  readonly path: FieldPath;
  /** Returns the names of those to which a value at the path gives roles. */
  readonly namesIn: (value: unknown) => readonly string[];
  readonly describe: (names: string) => string;
}

const LIST_THEM = 'to bind their ServiceAccounts, list them in iam.serviceAccounts';

/** Members of an addon that give it a role. [eksctl] ClusterConfig, Addon */
const ROLE_OF_ADDON = [
  ...['attachPolicyARNs', 'attachPolicy', 'wellKnownPolicies', 'serviceAccountRoleARN'],
  ...['permissionsBoundary', 'podIdentityAssociations', 'useDefaultPodIdentityAssociations'],
];

/** Members of `iam` that are read, named by another part, or no roles. [eksctl] ClusterConfig, ClusterIAM */
const OTHERS_OF_IAM = [
  ...['serviceAccounts', 'podIdentityAssociations', 'withOIDC', 'vpcResourceControllerPolicy'],
];

/** [eksctl] ClusterConfig */
const PARTS: readonly UntakenPart[] = [
  {
    path: ['addons'],
    namesIn: (value) => itemsWith(value, ROLE_OF_ADDON),
    describe: (names) => `the roles of the addons ${names} are not taken; ${LIST_THEM}`,
  },
  {
    path: ['addonsConfig', 'autoApplyPodIdentityAssociations'],
    namesIn: (value) => (value === true ? ['true'] : []),
    describe: () => `the roles that EKS gives to addons are not taken; ${LIST_THEM}`,
  },
  {
    path: ['iam', 'podIdentityAssociations'],
    namesIn: (value) =>
      (asArray(value) ?? []).map((item) => {
        const { namespace, serviceAccountName } = asObject(item) ?? {};
        return `${asText(namespace) ?? '?'}/${asText(serviceAccountName) ?? '?'}`;
      }),
    describe: (names) => `the EKS Pod Identity roles of ${names} are not taken; ${LIST_THEM}`,
  },
  {
    path: ['iam'],
    namesIn: (value) => Object.keys(asObject(value) ?? {}).filter((name) => !OTHERS_OF_IAM.includes(name)),
    describe: (names) => `${names} is not taken; only the roles of iam.serviceAccounts are for pods`,
  },
  {
    path: ['fargateProfiles'],
    namesIn: (value) => itemsWith(value),
    describe: (names) => `the roles of the Fargate profiles ${names} are not taken; only EKS uses them`,
  },
  ...['nodeGroups', 'managedNodeGroups'].map((name) => ({
    path: [name],
    namesIn: (value: unknown) => itemsWith(value, ['iam']),
    describe: (names: string) => `the roles of the node groups ${names} are not taken; they are for nodes`,
  })),
  {
    path: ['autoModeConfig', 'nodeRoleARN'],
    namesIn: (value) => (asText(value) ? ['nodeRoleARN'] : []),
    describe: () => 'the role of the nodes of EKS Auto Mode is not taken; it is for nodes',
  },
  {
    path: ['karpenter'],
    namesIn: (value) => Object.keys(asObject(value) ?? {}),
    describe: () =>
      `the role of Karpenter is not taken; to bind its ServiceAccount, list it in iam.serviceAccounts`,
  },
  {
    path: ['capabilities'],
    namesIn: (value) => itemsWith(value),
    describe: (names) => `the roles of the EKS capabilities ${names} are not taken; only EKS uses them`,
  },
];

/** Notes each part of an eksctl file that gives roles outside of `iam.serviceAccounts`. */
export function noteUntakenParts(document: unknown, { notice }: FileReport): void {
  for (const { path, namesIn, describe } of PARTS) {
    const names = namesIn(path.reduce((value, part) => asObject(value)?.[part], document));
    if (names.length > 0) notice(path, describe(names.join(', ')));
  }
}

/** Returns the names of the items in a list that have one of the members with a value; of all by default. */
function itemsWith(value: unknown, members?: readonly string[]): readonly string[] {
  return (asArray(value) ?? [])
    .map((item) => asObject(item) ?? {})
    .filter((item) => !members || members.some((member) => isGiven(item[member])))
    .map(({ name }) => asText(name) ?? '?');
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
