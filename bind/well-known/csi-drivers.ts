import { none, type PolicyDefinition } from './policy.ts';

export const ebsCsi: PolicyDefinition = {
  name: 'ebs-csi',
  description: 'Amazon EBS CSI driver',
  serviceAccount: { namespace: 'kube-system', name: 'ebs-csi-controller-sa' },
  workload: 'Deployment ebs-csi-controller',
  managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
  statements: none,
};

export const efsCsi: PolicyDefinition = {
  name: 'efs-csi',
  description: 'Amazon EFS CSI driver',
  serviceAccount: { namespace: 'kube-system', name: 'efs-csi-controller-sa' },
  workload: 'Deployment efs-csi-controller',
  managedPolicies: ['service-role/AmazonEFSCSIDriverPolicy'],
  statements: none,
};
