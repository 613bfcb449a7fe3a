import { asArray, asObject, asText } from '../../../../lib/json/json.ts';
import {
  type FieldPath,
  type FieldsOf,
  type FieldType,
  type FileReport,
  flag,
  listOf,
  objectOf,
  text,
  textMap,
} from '../../../../lib/yaml/fields.ts';
import type { Binding } from '../../binding.ts';
import type { FoundBinding } from '../podrole-bindings.ts';
import { policyDocument } from '../policy-document.ts';
import { createEvaluate, type Evaluate } from './cloudformation.ts';
import type { StackParameters } from './stack-parameters.ts';

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

/** Fields of a block that eksctl hands to CloudFormation. */
const FOR_CLOUDFORMATION = [
  ...['attachPolicyARNs', 'attachPolicy', 'attachRoleARN', 'permissionsBoundary', 'roleName'],
];

/** Returns the bindings in the `iam.serviceAccounts` of an eksctl file. */
export function readServiceAccounts(
  document: unknown,
  parameters: StackParameters,
  report: FileReport,
): readonly FoundBinding[] {
  const path = ['iam', 'serviceAccounts'];
  const given = asObject(asObject(document)?.['iam'])?.['serviceAccounts'];
  if (given === undefined || given === null) {
    report.fault(path, 'is missing', 'list ServiceAccounts there, or leave this file out');
    return [];
  }
  const evaluated =
    asArray(given)?.map((block, at) => evaluateBlock(block, [...path, at], parameters, report)) ?? given;
  const blocks = listOf(objectOf(blockFields, ['metadata']))(evaluated, path, report) ?? [];
  return blocks.map((block, at) => ({ path: [...path, at], binding: bindingOf(block) }));
}

function evaluateBlock(
  given: unknown,
  path: FieldPath,
  parameters: StackParameters,
  report: FileReport,
): unknown {
  const block = asObject(given);
  if (!block) return given;
  const { name = '?', namespace = 'default' } = asObject(block['metadata']) ?? {};
  const owner = `ServiceAccount ${asText(namespace) ?? '?'}/${asText(name) ?? '?'}`;
  const evaluate = createEvaluate(parameters, owner, report);
  const members = Object.entries(block).map(([field, value]) => [
    field,
    evaluateField(evaluate, field, value, [...path, field]),
  ]);
  return Object.fromEntries(members);
}

function evaluateField(evaluate: Evaluate, field: string, value: unknown, path: FieldPath): unknown {
  if (FOR_CLOUDFORMATION.includes(field)) return evaluate(value, path, 'all');
  const tags = field === 'tags' ? asObject(value) : undefined;
  if (!tags) return evaluate(value, path, 'tags');
  // A tag may have the name Ref.
  const members = Object.entries(tags).map(([name, item]) => [name, evaluate(item, [...path, name], 'all')]);
  return evaluate(Object.fromEntries(members), path, 'tags');
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
