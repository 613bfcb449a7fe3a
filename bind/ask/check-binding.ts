import { parseRoleArn } from '../../lib/arn.ts';
import { IAM_OIDC_PROVIDER, IAM_ROLE, MINIO_PARTITION } from '../../lib/contract/iam.ts';
import type { Fault } from '../../lib/errors.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';
import { policySize } from '../iam/policy-size.ts';
import { INLINE_POLICY_PREFIX, inlinePolicyName, ownerId } from '../names.ts';
import { canBeSubject, SUBJECT_PREFIX } from '../trust/describe-subject.ts';
import { wellKnownPolicyNames } from '../well-known/well-known-policy.ts';
import type { Binding } from './binding.ts';
import { isClientId } from './client-id.ts';
import { conditionProblems } from './conditions.ts';
import { metadataProblems } from './metadata-problems.ts';
import { nameProblems } from './name-problems.ts';
import { policyProblems } from './policy-problems.ts';
import { tagProblems } from './tag-problems.ts';
import { targetProblems } from './target-problems.ts';

/** [iam] "IAM identifiers" */
const ROLE_PATH = /^\/(?:[!-~]{1,510}\/)?$/;
const POLICY_ARN = /^arn:(aws(?:-[a-z]+)*):iam::(?:\d{12}|\d{0,63}[A-Za-z_.-][\w.-]{0,63}|):policy\/[!-~]+$/;
const POLICY_NAME = /^[\w+=,.@-]+$/;
const POLICY_NAME_MAX_LENGTH = 128;

type Report = (problem: string, remedy: string) => void;

/** Returns all faults of a binding that show before anything is asked or read. */
export function bindingFaults(binding: Binding): readonly Fault[] {
  return faultsOf(binding, (report) => {
    checkNames(binding, report);
    checkPolicies(binding, report);
    for (const problem of metadataProblems(binding)) report(problem, 'give what Kubernetes accepts');
    for (const problem of tagProblems(binding.tags)) report(problem, 'give tags that IAM accepts');
    const { min, max } = IAM_ROLE.maxSessionDurationSeconds;
    const seconds = binding.sessionDurationSeconds;
    if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= min && seconds <= max)) {
      report(`has a session duration of ${seconds} s`, `give a whole number from ${min} to ${max}`);
    }
    if (binding.audience !== undefined && !isClientId(binding.audience)) {
      report(
        'has an audience that is not a valid client ID',
        `give 1 to ${IAM_OIDC_PROVIDER.maxClientIdLength} characters`,
      );
    }
    if (binding.audience !== undefined && binding.container !== undefined) {
      report(
        'has an audience, which all roles of a ServiceAccount have in common',
        'write it in the binding of the ServiceAccount itself, or give --token-audience',
      );
    }
    for (const { problem, remedy } of conditionProblems(binding.conditions ?? [])) report(problem, remedy);
    for (const { problem, remedy } of targetProblems(binding)) report(problem, remedy);
    if (binding.attachRoleArn !== undefined) checkAttached(binding, binding.attachRoleArn, report);
  });
}

/** Returns the faults of ARNs in a binding that belong to another partition than the account. */
export function partitionFaults(binding: Binding, partition: string): readonly Fault[] {
  const { attachRoleArn, targetRoleArn } = binding;
  return faultsOf(binding, (report) => {
    for (const arn of policyArnsOf(binding)) {
      const [, ofArn = partition] = POLICY_ARN.exec(arn) ?? [];
      if (ofArn !== partition)
        report(`has ${arn}, which is not of partition ${partition}`, 'give the ARN of that partition');
    }
    const { partition: ofRole = partition } = parseRoleArn(attachRoleArn ?? '') ?? {};
    if (ofRole !== partition) {
      const remedy =
        ofRole === MINIO_PARTITION
          ? 'bind the roles of MinIO in a run of their own'
          : 'give a role of that partition';
      report(`has ${attachRoleArn}, which is not of partition ${partition}`, remedy);
    }
    const { partition: ofTarget = partition } = parseRoleArn(targetRoleArn ?? '') ?? {};
    if (ofTarget !== partition)
      report(
        `has the target role ${targetRoleArn}, which is not of partition ${partition}`,
        'no session can assume a role of another partition: give one of the same',
      );
  });
}

function faultsOf(binding: Binding, check: (report: Report) => void): readonly Fault[] {
  const object = `binding ${ownerId(binding)}`;
  const faults: Fault[] = [];
  check((problem, remedy) => faults.push({ code: 'INVALID_BINDING', object, problem, remedy }));
  return faults;
}

function policyArnsOf({ attachPolicyArns = [], permissionsBoundary }: Binding): readonly string[] {
  return [...attachPolicyArns, ...(permissionsBoundary === undefined ? [] : [permissionsBoundary])];
}

function checkNames(binding: Binding, report: Report): void {
  const { rolePath, subjectPattern } = binding;
  for (const { problem, remedy } of nameProblems(binding)) report(problem, remedy);
  if (rolePath !== undefined && !ROLE_PATH.test(rolePath)) {
    report(`has ${JSON.stringify(rolePath)} for a role path`, 'begin and end it with /');
  }
  if (subjectPattern !== undefined && !subjectPattern.startsWith(SUBJECT_PREFIX)) {
    report(
      `has the subject pattern ${subjectPattern}`,
      `begin it with ${SUBJECT_PREFIX}, as all subjects do`,
    );
  } else if (subjectPattern !== undefined && !canBeSubject(subjectPattern)) {
    report(
      `has the subject pattern ${subjectPattern}, which lets nobody in`,
      `write ${SUBJECT_PREFIX}NAMESPACE:NAME, with * or ? for what may differ`,
    );
  }
}

function checkPolicies(binding: Binding, report: Report): void {
  const { inlinePolicies = [], wellKnown = [] } = binding;
  for (const arn of policyArnsOf(binding).filter((given) => !POLICY_ARN.test(given))) {
    report(
      `has ${JSON.stringify(arn)} for a policy`,
      'give an ARN such as arn:aws:iam::aws:policy/ReadOnlyAccess',
    );
  }
  for (const name of wellKnown.filter((known) => !wellKnownPolicyNames.includes(known))) {
    const near = nearestName(name, wellKnownPolicyNames, 3);
    const suggested = near === undefined ? '' : `; did you mean ${near}?`;
    report(
      `has ${name} for a well-known policy${suggested}`,
      `give one of ${wellKnownPolicyNames.join(', ')}`,
    );
  }
  for (const { name, document } of inlinePolicies) {
    if (!POLICY_NAME.test(name) || inlinePolicyName(name).length > POLICY_NAME_MAX_LENGTH) {
      const rule = `1 to ${POLICY_NAME_MAX_LENGTH} letters, digits and _+=,.@-, with ${INLINE_POLICY_PREFIX} before them`;
      report(`has ${JSON.stringify(name)} for a policy name`, `give ${rule}`);
    }
    for (const problem of policyProblems(document))
      report(`has an inline policy ${name} that ${problem}`, 'correct the policy');
  }
  const size = inlinePolicies.reduce((sum, { document }) => sum + policySize(document), 0);
  if (size > IAM_ROLE.maxInlinePoliciesLength) {
    report(
      `has inline policies of ${size} characters, but IAM accepts at most ${IAM_ROLE.maxInlinePoliciesLength} in a role`,
      'make a managed policy of them and attach it',
    );
  }
}

/** An attached role belongs to somebody else: settings that shape a role contradict it. */
function checkAttached(binding: Binding, roleArn: string, report: Report): void {
  if (!parseRoleArn(roleArn))
    report(
      `has ${JSON.stringify(roleArn)} for a role`,
      'give an ARN such as arn:aws:iam::111122223333:role/web',
    );
  const shaping = [
    binding.roleName !== undefined && 'role name',
    (binding.rolePath ?? '/') !== '/' && 'role path',
    binding.attachPolicyArns !== undefined && 'policy ARNs',
    binding.inlinePolicies !== undefined && 'inline policies',
    binding.wellKnown !== undefined && 'well-known policies',
    binding.permissionsBoundary !== undefined && 'permissions boundary',
    Object.keys(binding.tags).length > 0 && 'tags',
    binding.sessionDurationSeconds !== undefined && 'session duration',
  ].filter((given) => given !== false);
  if (shaping.length > 0) {
    report(
      `attaches an existing role, which excludes ${shaping.join(', ')}`,
      'leave them out, or give a role name in place of the ARN',
    );
  }
}
