import type { RoleFacts } from '../../iam/iam-facts.ts';
import type { RoleOwner } from '../../names.ts';

/**
 * Tags by which tools mark the roles that they own.
 *
 * - [cloudformation] "Resource tag": `aws:cloudformation:stack-name`
 * - [eksctl] `alpha.eksctl.io/…`
 * - [kops] `KubernetesCluster`
 * - [ccoctl] `openshift.io/cloud-credential-operator/NAME`
 */
const STACK_TAG = 'aws:cloudformation:stack-name';
const EKSCTL_CLUSTER_TAG = 'alpha.eksctl.io/cluster-name';
const EKSCTL_ACCOUNT_TAG = 'alpha.eksctl.io/iamserviceaccount-name';
const KOPS_TAG = 'KubernetesCluster';
const CCOCTL_TAG_PREFIX = 'openshift.io/cloud-credential-operator/';

/** Returns notes on tools that still own a role, and may delete it or take back what podrole changes. */
export function managerNotes({ name, tags }: Pick<RoleFacts, 'name' | 'tags'>): readonly string[] {
  const stack = tags[STACK_TAG];
  const cluster = tags[EKSCTL_CLUSTER_TAG];
  const kops = tags[KOPS_TAG];
  const notes: string[] = [];
  if (stack !== undefined) {
    const eksctl = cluster === undefined ? '' : `, and so does eksctl delete iamserviceaccount`;
    notes.push(
      `the CloudFormation stack ${stack} still owns it, and deleting the stack deletes the role${eksctl}; to detach it, set DeletionPolicy: Retain on every resource of the stack, update the stack, then delete it`,
    );
  } else if (cluster !== undefined) {
    notes.push(`eksctl created it for cluster ${cluster}, and eksctl delete iamserviceaccount may delete it`);
  }
  if (kops !== undefined)
    notes.push(
      `kOps created it for cluster ${kops}; kops update cluster may undo changes, and kops delete cluster deletes it`,
    );
  const ofCcoctl = Object.keys(tags).find((key) => key.startsWith(CCOCTL_TAG_PREFIX));
  if (ofCcoctl !== undefined)
    notes.push(
      `ccoctl created it for ${ofCcoctl.slice(CCOCTL_TAG_PREFIX.length)}, and ccoctl aws delete deletes it`,
    );
  const manager = Object.entries(tags).find(([key]) => /^managed[-_ ]?by$/i.test(key))?.[1];
  if (manager !== undefined && notes.length === 0)
    notes.push(
      `a tag says that ${manager} manages it, so its next run may undo changes; remove the role from its state, or make the same changes there`,
    );
  return notes.map((note) => `role ${name}: ${note}`);
}

/** Returns the ServiceAccount that eksctl created a role for, as `shop/web`; undefined if it did not. */
export function eksctlOwner({ tags }: Pick<RoleFacts, 'tags'>): string | undefined {
  return tags[EKSCTL_ACCOUNT_TAG];
}

/** Returns the note on a ServiceAccount that eksctl created. */
export function eksctlAccountNote({ namespace, serviceAccount }: RoleOwner): string {
  const label = 'app.kubernetes.io/managed-by';
  return `ServiceAccount ${namespace}/${serviceAccount} has the label ${label}=eksctl, so eksctl delete iamserviceaccount deletes it too; to keep it, run kubectl label serviceaccount -n ${namespace} ${serviceAccount} ${label}-`;
}
