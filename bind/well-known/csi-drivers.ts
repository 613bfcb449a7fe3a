import { none, type PolicyDefinition } from './policy.ts';

export const ebsCsi: PolicyDefinition = {
  name: 'ebs-csi',
  description: 'Amazon EBS CSI driver',
  serviceAccount: { namespace: 'kube-system', name: 'ebs-csi-controller-sa' },
  managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
  statements: none,
};

export const efsCsi: PolicyDefinition = {
  name: 'efs-csi',
  description: 'Amazon EFS CSI driver',
  serviceAccount: { namespace: 'kube-system', name: 'efs-csi-controller-sa' },
  managedPolicies: ['service-role/AmazonEFSCSIDriverPolicy'],
  statements: none,
};
