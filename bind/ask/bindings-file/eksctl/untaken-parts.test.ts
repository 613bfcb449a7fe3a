import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBindings } from '../read-bindings.ts';

const HEAD = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
`;
const LIST_THEM = 'to bind their ServiceAccounts, list them in iam.serviceAccounts';

/** Parts of an eksctl file, and the note on each; undefined: it gives no roles. */
const PARTS: readonly (readonly [part: string, note: string | undefined])[] = [
  [
    'addons: [{name: vpc-cni, attachPolicyARNs: [a]}, {name: coredns}, {name: ebs, wellKnownPolicies: {ebsCSIController: true}}]',
    `addons: the roles of the addons vpc-cni, ebs are not taken; ${LIST_THEM}`,
  ],
  [
    'addons: [{name: a, attachPolicy: {Statement: []}}]',
    `addons: the roles of the addons a are not taken; ${LIST_THEM}`,
  ],
  [
    'addons: [{name: b, serviceAccountRoleARN: c}]',
    `addons: the roles of the addons b are not taken; ${LIST_THEM}`,
  ],
  [
    'addons: [{name: c, podIdentityAssociations: [{}]}]',
    `addons: the roles of the addons c are not taken; ${LIST_THEM}`,
  ],
  [
    'addons: [{name: d, useDefaultPodIdentityAssociations: true}]',
    `addons: the roles of the addons d are not taken; ${LIST_THEM}`,
  ],
  ['addons: [{name: d, attachPolicyARNs: [], wellKnownPolicies: , serviceAccountRoleARN: ""}]', undefined],
  [
    'addonsConfig: {autoApplyPodIdentityAssociations: true}',
    `addonsConfig.autoApplyPodIdentityAssociations: the roles that EKS gives to addons are not taken; ${LIST_THEM}`,
  ],
  ['addonsConfig: {autoApplyPodIdentityAssociations: false}', undefined],
  [
    'fargateProfiles: [{name: fp-a, podExecutionRoleARN: a}, {name: fp-b}]',
    'fargateProfiles: the roles of the Fargate profiles fp-a, fp-b are not taken; only EKS uses them',
  ],
  [
    'nodeGroups: [{name: a, iam: {attachPolicyARNs: [b]}}, {name: c}]',
    'nodeGroups: the roles of the node groups a are not taken; they are for nodes',
  ],
  [
    'managedNodeGroups: [{name: a, iam: {withAddonPolicies: {ebs: true}}}, {iam: {instanceRoleARN: x}}]',
    'managedNodeGroups: the roles of the node groups a, ? are not taken; they are for nodes',
  ],
  ['managedNodeGroups: [{name: a, iam: {}}, 7]', undefined],
  ['nodeGroups: 7', undefined],
  [
    'autoModeConfig: {enabled: true, nodeRoleARN: a}',
    'autoModeConfig.nodeRoleARN: the role of the nodes of EKS Auto Mode is not taken; it is for nodes',
  ],
  [
    'karpenter: {version: 1.2.1}',
    'karpenter: the role of Karpenter is not taken; to bind its ServiceAccount, list it in iam.serviceAccounts',
  ],
  ['vpc: {cidr: 10.0.0.0/16}', undefined],
];

for (const [part, note] of PARTS) {
  test(`noted: ${part.slice(0, 80)}`, () => {
    assert.deepEqual(
      notesOf(`${part}\niam: {serviceAccounts: []}`),
      note === undefined ? [] : [`f.yaml:3 ${note}`],
    );
  });
}

test('other parts of iam are named, each on one line', () => {
  const iam = `iam:
  withOIDC: true
  vpcResourceControllerPolicy: false
  serviceRoleARN: arn:aws:iam::111122223333:role/cluster
  fargatePodExecutionRoleARN: arn:aws:iam::111122223333:role/fargate
  podIdentityAssociations: [{namespace: shop, serviceAccountName: web}, {namespace: a}]
  serviceAccounts: []`;
  assert.deepEqual(notesOf(iam), [
    `f.yaml:8 iam.podIdentityAssociations: the EKS Pod Identity roles of shop/web, a/? are not taken; ${LIST_THEM}`,
    'f.yaml:3 iam: serviceRoleARN, fargatePodExecutionRoleARN is not taken; only the roles of iam.serviceAccounts are for pods',
  ]);
});

test('a name cannot write lines or escape sequences', () => {
  const [note = ''] = notesOf(
    'addons: [{name: "a\\n\\e[2Jb", attachPolicyARNs: [c]}]\niam: {serviceAccounts: []}',
  );
  assert.match(note, /the addons a \\u001b\[2Jb are not taken/);
});

function notesOf(text: string): readonly string[] {
  const notes: string[] = [];
  readBindings(HEAD + text, 'f.yaml', (line) => notes.push(line));
  return notes;
}
