import { asArray, asObject } from '../../../lib/json/json.ts';
import type { Binding } from '../binding.ts';
import {
  type FieldsOf,
  type FieldType,
  type FileReport,
  flag,
  listOf,
  objectOf,
  policyDocument,
  text,
  textMap,
} from './fields.ts';
import type { FoundBinding } from './podrole-bindings.ts';

/** eksctl's names of well-known policies, and ours. [eksctl] ClusterConfig, WellKnownPolicies */
const WELL_KNOWN_OF_EKSCTL = {
  autoScaler: 'cluster-autoscaler',
  awsLoadBalancerController: 'aws-load-balancer-controller',
  certManager: 'cert-manager',
  ebsCSIController: 'ebs-csi',
  efsCSIController: 'efs-csi',
  externalDNS: 'external-dns',
  imageBuilder: 'image-builder',
} as const;

/** Name of a block's one inline policy. eksctl's own name for it stands nowhere in the file. */
const INLINE_POLICY_NAME = 'attach-policy';

const wellKnownFields = {
  autoScaler: flag,
  awsLoadBalancerController: flag,
  certManager: flag,
  ebsCSIController: flag,
  efsCSIController: flag,
  externalDNS: flag,
  imageBuilder: flag,
} satisfies Record<keyof typeof WELL_KNOWN_OF_EKSCTL, FieldType<boolean>>;

/** A field that eksctl adds to the files that it prints. */
const status: FieldType<undefined> = (_value, path, report) => {
  report.notice(path, 'names what eksctl created and is ignored; give attachRoleARN to use that role');
  return undefined;
};

/** Fields of a block of `iam.serviceAccounts`. [eksctl] ClusterConfig, ClusterIAMServiceAccount */
const blockFields = {
  metadata: objectOf({ name: text, namespace: text, labels: textMap, annotations: textMap }, ['name']),
  attachPolicyARNs: listOf(text),
  attachPolicy: policyDocument,
  attachRoleARN: text,
  permissionsBoundary: text,
  roleName: text,
  roleOnly: flag,
  tags: textMap,
  wellKnownPolicies: objectOf(wellKnownFields),
  status,
} as const;

export const EKSCTL_KIND = { apiVersion: 'eksctl.io/v1alpha5', kind: 'ClusterConfig' } as const;

/** Returns the bindings in the `iam.serviceAccounts` of an eksctl file. Its other parts are ignored. */
export function readEksctlServiceAccounts(document: unknown, report: FileReport): readonly FoundBinding[] {
  const iam = asObject(asObject(document)?.['iam']);
  const podIdentity = asArray(iam?.['podIdentityAssociations']);
  if (podIdentity && podIdentity.length > 0) {
    report.notice(['iam', 'podIdentityAssociations'], 'is not read: only EKS clusters have them');
  }
  const path = ['iam', 'serviceAccounts'];
  const given = iam?.['serviceAccounts'];
  if (given === undefined || given === null) {
    report.fault(path, 'is missing', 'list ServiceAccounts there, or leave this file out');
    return [];
  }
  const blocks = listOf(objectOf(blockFields, ['metadata']))(given, path, report) ?? [];
  return blocks.map((block, at) => ({ path: [...path, at], binding: bindingOf(block) }));
}

function bindingOf(block: FieldsOf<typeof blockFields>): Binding {
  const { metadata, attachPolicy, wellKnownPolicies } = block;
  const wellKnown =
    wellKnownPolicies &&
    Object.entries(WELL_KNOWN_OF_EKSCTL)
      .filter(([name]) => Object.entries(wellKnownPolicies).some(([key, on]) => key === name && on))
      .map(([, ours]) => ours);
  return {
    namespace: metadata?.namespace ?? 'default',
    serviceAccount: metadata?.name ?? '',
    attachRoleArn: block.attachRoleARN,
    roleName: block.roleName,
    rolePath: undefined,
    attachPolicyArns: block.attachPolicyARNs,
    inlinePolicies:
      attachPolicy === undefined ? undefined : [{ name: INLINE_POLICY_NAME, document: attachPolicy }],
    wellKnown,
    permissionsBoundary: block.permissionsBoundary,
    tags: block.tags ?? {},
    sessionDurationSeconds: undefined,
    roleOnly: block.roleOnly ?? false,
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    subjectPattern: undefined,
    audience: undefined,
  };
}
